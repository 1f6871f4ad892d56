import { Database, Statement } from "bun:sqlite";

/** Failures of a disk are met at any statement. Rolling back needs none. */
const NEVER_FAILS = /^\s*ROLLBACK/i;

/**
 * Run something while the `n`-th statement of this process, counted from 1, fails as a full disk does; resolves to
 * whether it came so far, and what the work made of it. Nothing else may use SQLite meanwhile.
 */
export async function withFailingStatement<T>(
	n: number,
	work: () => Promise<T>,
): Promise<{ readonly hasFailed: boolean; readonly result: PromiseSettledResult<T> }> {
	let count = 0;
	const fail = (text: string) => {
		if (NEVER_FAILS.test(text) || ++count !== n) return;
		throw new Error("injected: database or disk is full");
	};
	const { all, get, run } = Statement.prototype;
	const runText = Database.prototype.run;
	Statement.prototype.all = function (...values) {
		fail(this.toString());
		return all.apply(this, values);
	};
	Statement.prototype.get = function (...values) {
		fail(this.toString());
		return get.apply(this, values);
	};
	Statement.prototype.run = function (...values) {
		fail(this.toString());
		return run.apply(this, values);
	};
	Database.prototype.run = function (text, ...values) {
		fail(text);
		return runText.call(this, text, ...values);
	};
	try {
		const [result] = await Promise.allSettled([work()]);
		if (!result) throw new Error("the work has no result");
		return { hasFailed: count >= n, result };
	} finally {
		Object.assign(Statement.prototype, { all, get, run });
		Database.prototype.run = runText;
	}
}
