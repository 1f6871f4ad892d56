import type { Database } from "bun:sqlite";
import type { Writer } from "../database.ts";
import { Statements } from "./connection.ts";
import { requestFailure } from "./failures.ts";

/** Works that share one commit. More would make the first of them wait for the last. */
const MAX_BATCH = 64;

type BeforeCommit = (writer: Writer) => Promise<(() => void) | undefined>;

interface QueuedWork {
	readonly work: (writer: Writer) => Promise<unknown>;
	readonly resolve: (value: unknown) => void;
	readonly reject: (error: unknown) => void;
}

type Outcome = { readonly value: unknown } | { readonly error: unknown };

/**
 * One writer, one transaction at a time. Whatever waits when a transaction begins becomes part of it, each work in a
 * savepoint of its own, so under load one flush to the disk serves many callers.
 */
export class WriteQueue {
	readonly #statements: Statements;
	readonly #beforeCommit: BeforeCommit[] = [];
	#waiting: QueuedWork[] = [];
	#draining: Promise<void> | undefined;

	constructor(
		private readonly db: Database,
		/** Told of a derivation that failed; the write that it followed is kept. */
		private readonly onDerivationFailure: (error: unknown) => void,
	) {
		this.#statements = new Statements(db);
	}

	add<T>(work: (writer: Writer) => Promise<T>): Promise<T> {
		const { promise, resolve, reject } = Promise.withResolvers<T>();
		this.#waiting.push({ work, resolve: resolve as (value: unknown) => void, reject });
		this.#draining ??= this.#drain();
		return promise;
	}

	beforeCommit(work: BeforeCommit): void {
		this.#beforeCommit.push(work);
	}

	/** Resolves when nothing waits any more. */
	async idle(): Promise<void> {
		while (this.#draining) await this.#draining;
	}

	async #drain(): Promise<void> {
		// Everything that asks in the same turn of the loop gets into the first transaction.
		await Promise.resolve();
		while (this.#waiting.length > 0) await this.#commit(this.#waiting.splice(0, MAX_BATCH));
		this.#draining = undefined;
	}

	async #commit(batch: readonly QueuedWork[]): Promise<void> {
		let outcomes: Outcome[];
		const afterCommit: (() => void)[] = [];
		try {
			this.db.run("BEGIN IMMEDIATE");
			outcomes = await this.#runAll(batch);
			for (const derive of this.#beforeCommit) {
				const outcome = await this.#inSavepoint(derive);
				if ("error" in outcome) this.onDerivationFailure(outcome.error);
				else if (typeof outcome.value === "function") afterCommit.push(outcome.value as () => void);
			}
			this.db.run("COMMIT");
		} catch (error) {
			if (this.db.inTransaction) this.db.run("ROLLBACK");
			for (const { reject } of batch) reject(requestFailure(error));
			return;
		}
		for (const run of afterCommit) run();
		batch.forEach(({ resolve, reject }, at) => {
			const outcome = outcomes[at];
			if (outcome && "value" in outcome) resolve(outcome.value);
			else reject(requestFailure(outcome?.error));
		});
	}

	async #runAll(batch: readonly QueuedWork[]): Promise<Outcome[]> {
		const outcomes: Outcome[] = [];
		for (const { work } of batch) outcomes.push(await this.#inSavepoint(work));
		return outcomes;
	}

	/**
	 * A work that throws loses its own changes. A failure of the storage itself may have ended the transaction; then
	 * nothing of the batch can be kept.
	 */
	async #inSavepoint(work: (writer: Writer) => Promise<unknown>): Promise<Outcome> {
		this.db.run("SAVEPOINT work");
		try {
			const value = await work(this.#statements);
			this.db.run("RELEASE work");
			return { value };
		} catch (error) {
			if (!this.db.inTransaction) throw error;
			this.db.run("ROLLBACK TO work");
			this.db.run("RELEASE work");
			return { error };
		}
	}
}
