import { Database, SQLiteError, type Statement } from "bun:sqlite";

/** Failures of a disk are met at any statement. Rolling back needs none. */
const NEVER_FAILS = /^\s*ROLLBACK/i;

/** What a disk can refuse: by SQLite's code for it. */
export type DiskFailure = "SQLITE_FULL" | "SQLITE_READONLY" | "SQLITE_IOERR_WRITE";

/**
 * Run something while the `n`-th statement of this process, counted from 1, fails as on a broken disk; resolves to whether
 * it came so far, and what became of the work. Nothing else may use SQLite meanwhile.
 */
export async function withFailingStatement<T>(
	n: number,
	code: DiskFailure,
	work: () => Promise<T>,
): Promise<{ readonly hasFailed: boolean; readonly result: PromiseSettledResult<T> }> {
	let count = 0;
	const step = (text: string) => {
		if (NEVER_FAILS.test(text) || ++count !== n) return;
		throw Object.assign(Object.create(SQLiteError.prototype), { name: "SQLiteError", code, message: "injected" });
	};
	const { query, run } = Database.prototype;
	Object.assign(Database.prototype, {
		run(this: Database, text: string, ...values: []) {
			step(text);
			return run.call(this, text, ...values);
		},
		query(this: Database, text: string) {
			return failing(query.call(this, text), () => step(text));
		},
	});
	try {
		const [result] = await Promise.allSettled([work()]);
		if (!result) throw new Error("the work has no result");
		return { hasFailed: count >= n, result };
	} finally {
		Object.assign(Database.prototype, { query, run });
	}
}

/** A statement that asks first, each time it is to do something. */
function failing(statement: Statement, step: () => void): Statement {
	return new Proxy(statement, {
		get(target, name) {
			const value: unknown = Reflect.get(target, name, target);
			if (typeof value !== "function") return value;
			return (...values: unknown[]) => {
				if (name === "all" || name === "get" || name === "run") step();
				return value.apply(target, values);
			};
		},
	});
}
