import type { Database } from "bun:sqlite";
import { RequestError, type Timer, type Timers } from "@signet/core";
import type { Writer } from "../database.ts";
import { Statements } from "./connection.ts";
import { requestFailure } from "./failures.ts";

/** Works that share one commit. More would make the first of them wait for the last. */
const MAX_BATCH = 64;
/** How long work that can wait is kept for the next commit before it gets one of its own. */
const SOON_MS = 5;

/** Statements that write in one turn of the loop: about two milliseconds. Committing may take several times as long. */
const STATEMENTS_A_TURN = 20;

type BeforeCommit = (writer: Writer) => Promise<(() => void) | undefined>;

interface QueuedWork {
	readonly work: (writer: Writer) => Promise<unknown>;
	readonly resolve: (value: unknown) => void;
	readonly reject: (error: unknown) => void;
}

type Attempt = { readonly values: readonly unknown[] } | { readonly error: unknown };

/**
 * One writer, one transaction at a time. Whatever waits when a transaction begins becomes part of it, so under load one
 * flush to the disk serves many callers. When one of them fails, each is tried again in a transaction of its own.
 */
export class WriteQueue {
	readonly #statements: Statements;
	readonly #beforeCommit: BeforeCommit[] = [];
	#waiting: QueuedWork[] = [];
	/** Work that goes along with the next commit. */
	#soon: QueuedWork[] = [];
	/** Work that wants to be alone, before what waits for a transaction. */
	readonly #alone: QueuedWork[] = [];
	#soonTimer: Timer | undefined;
	/** Statements that had written when this turn of the loop began. */
	#writtenBefore = 0;
	#draining: Promise<void> | undefined;
	#isClosed = false;

	constructor(
		private readonly db: Database,
		private readonly timers: Pick<Timers, "yield" | "after">,
		/** Told of a derivation that failed; the write that it followed is kept. */
		private readonly onDerivationFailure: (error: unknown) => void,
		/** Told, after each commit, how many statements of it wrote. */
		private readonly onCommitted: (statements: number) => void,
	) {
		this.#statements = new Statements(db);
	}

	add<T>(work: (writer: Writer) => Promise<T>): Promise<T> {
		const promise = this.#enqueue(this.#waiting, work);
		this.#draining ??= this.#drain();
		return promise;
	}

	/** As `add`, but without a commit of its own as long as there are others. */
	addSoon<T>(work: (writer: Writer) => Promise<T>): Promise<T> {
		const promise = this.#enqueue(this.#soon, work);
		if (!this.#draining) this.#drainSoon();
		return promise;
	}

	beforeCommit(work: BeforeCommit): void {
		this.#beforeCommit.push(work);
	}

	/** Run `work` while no transaction is open, and let none begin before it has ended. */
	alone<T>(work: () => Promise<T>): Promise<T> {
		const promise = this.#enqueue(this.#alone, work);
		this.#draining ??= this.#drain();
		return promise;
	}

	/** Take nothing more; resolves when what was accepted is done. */
	async close(): Promise<void> {
		this.#isClosed = true;
		this.#soonTimer?.cancel();
		while (this.#draining || this.#soon.length > 0) {
			this.#waiting.push(...this.#soon.splice(0));
			this.#draining ??= this.#drain();
			await this.#draining;
		}
	}

	#enqueue<T>(queue: QueuedWork[], work: (writer: Writer) => Promise<T>): Promise<T> {
		if (this.#isClosed) return Promise.reject(new RequestError(503, "stopping", "the daemon is stopping"));
		const { promise, resolve, reject } = Promise.withResolvers<T>();
		queue.push({ work, resolve: resolve as (value: unknown) => void, reject });
		return promise;
	}

	#drainSoon(): void {
		this.#soonTimer ??= this.timers.after(SOON_MS, () => {
			this.#soonTimer = undefined;
			this.#waiting.push(...this.#soon.splice(0));
			if (this.#waiting.length > 0) this.#draining ??= this.#drain();
		});
	}

	async #drain(): Promise<void> {
		while (this.#waiting.length > 0 || this.#alone.length > 0) {
			await this.#runAlone();
			await this.#gather();
			const batch = [...this.#waiting.splice(0, MAX_BATCH), ...this.#soon.splice(0, MAX_BATCH)];
			try {
				if (batch.length > 0) await this.#commit(batch);
			} catch (error) {
				// Whatever goes wrong here must not leave a caller waiting; what was answered already stays answered.
				for (const { reject } of batch) reject(requestFailure(error));
			}
		}
		this.#draining = undefined;
		if (this.#soon.length > 0) this.#drainSoon();
	}

	/** Requests get into the same transaction as long as more of them arrive. */
	async #gather(): Promise<void> {
		let arrived: number;
		do {
			arrived = this.#waiting.length;
			await this.timers.yield();
		} while (this.#waiting.length > arrived && this.#waiting.length < MAX_BATCH);
	}

	async #runAlone(): Promise<void> {
		for (let next = this.#alone.shift(); next; next = this.#alone.shift()) {
			await next.work(this.#statements).then(next.resolve, next.reject);
		}
	}

	async #commit(batch: readonly QueuedWork[]): Promise<void> {
		const attempt = await this.#attempt(batch);
		if ("values" in attempt) for (const [at, { resolve }] of batch.entries()) resolve(attempt.values[at]);
		else if (batch.length > 1) for (const one of batch) await this.#commit([one]);
		else batch[0]?.reject(requestFailure(attempt.error));
	}

	async #attempt(batch: readonly QueuedWork[]): Promise<Attempt> {
		const values: unknown[] = [];
		const afterCommit: (() => void)[] = [];
		const before = this.#statements.written;
		this.#writtenBefore = before;
		try {
			this.db.run("BEGIN IMMEDIATE");
			for (const { work } of batch) {
				values.push(await work(this.#statements));
				await this.#giveWay();
			}
			for (const derive of this.#beforeCommit) {
				const after = await this.#derive(derive);
				if (after) afterCommit.push(after);
				await this.#giveWay();
			}
			this.db.run("COMMIT");
		} catch (error) {
			if (this.db.inTransaction) this.db.run("ROLLBACK");
			return { error };
		}
		for (const run of afterCommit) this.#tell(run);
		this.#tell(() => this.onCommitted(this.#statements.written - before));
		return { values };
	}

	/** Let others have a turn, when this one has become long. */
	async #giveWay(): Promise<void> {
		if (this.#statements.written - this.#writtenBefore < STATEMENTS_A_TURN) return;
		await this.timers.yield();
		this.#writtenBefore = this.#statements.written;
	}

	/** What is committed is committed, whatever becomes of those who are told. */
	#tell(run: () => void): void {
		try {
			run();
		} catch (error) {
			this.onDerivationFailure(error);
		}
	}

	/** A derivation that throws loses its own changes, unless a failure of the storage has ended the transaction. */
	async #derive(derive: BeforeCommit): Promise<(() => void) | undefined> {
		this.db.run("SAVEPOINT derivation");
		try {
			const after = await derive(this.#statements);
			this.db.run("RELEASE derivation");
			return after;
		} catch (error) {
			if (!this.db.inTransaction) throw error;
			this.db.run("ROLLBACK TO derivation");
			this.db.run("RELEASE derivation");
			this.onDerivationFailure(error);
			return undefined;
		}
	}
}
