import type { Timer, Timers } from "@signet/core";
import type { Database, Writer } from "@signet/db";

/** Vectors entered in one commit. */
const BATCH = 8;
/** Ids compared in one turn of the loop. */
const COMPARED = 500;
const SETTLING_MS = 250;

/**
 * Keeps the portable vector table in step with `embeddings`, a moment behind: entering a vector takes as long as all
 * the rest of remembering, and our own search does not need it. What is behind stands in the database, so that no crash
 * loses it.
 */
export class VectorTableKeeper {
	#dimensions: number | undefined;
	#timer: Timer | undefined;
	#working: Promise<void> | undefined;
	#isStopped = false;

	constructor(
		private readonly database: Database,
		private readonly timers: Timers,
	) {}

	/** Take in that vectors may have changed. `dimensions` is the length in force, when it is known. */
	changed(dimensions?: number): void {
		if (dimensions !== undefined) this.#dimensions = dimensions;
		if (this.#isStopped) return;
		this.#timer ??= this.timers.after(SETTLING_MS, () => {
			this.#timer = undefined;
			void this.catchUp();
		});
	}

	/**
	 * Bring in step what has changed, giving way to other work. Never throws: what could not be entered waits for the next
	 * change. A second call waits for the first.
	 */
	catchUp(): Promise<void> {
		this.#working ??= this.#enterChanged().finally(() => {
			this.#working = undefined;
		});
		return this.#working;
	}

	/**
	 * Compare all of it in both directions and mend what differs, unless nobody but us can have written to either side since
	 * that was done.
	 */
	async reconcile(): Promise<void> {
		const { vectorTable } = this.database;
		try {
			if (!(await this.database.read((reader) => vectorTable.isCompared(reader)))) {
				await this.database.write((writer) => vectorTable.beginComparing(writer));
				if (await this.#compareAll()) await this.database.write((writer) => vectorTable.setCompared(writer));
			}
		} catch {
			// The storage says so itself, to whoever writes next.
		}
		await this.catchUp();
	}

	stop(): void {
		this.#isStopped = true;
		this.#timer?.cancel();
	}

	/** Whether it came to the end with everything mended. */
	async #compareAll(): Promise<boolean> {
		const { database, timers } = this;
		const { vectorTable } = database;
		for (let afterId: string | undefined = ""; afterId !== undefined; ) {
			const range: { afterId: string; limit: number } = { afterId, limit: COMPARED };
			const { differing, lost, lastId } = await database.read((reader) => vectorTable.compare(reader, range));
			await this.#inBatches(lost, (writer, ids) => vectorTable.restore(writer, ids));
			await this.#inBatches(differing, (writer, ids) => vectorTable.put(writer, ids));
			if (this.#isStopped || vectorTable.problem !== undefined) return false;
			afterId = lastId;
			await timers.yield();
		}
		return true;
	}

	async #inBatches(
		ids: readonly string[],
		work: (writer: Writer, ids: readonly string[]) => Promise<void>,
	): Promise<void> {
		const { vectorTable } = this.database;
		for (let at = 0; at < ids.length && !this.#isStopped && vectorTable.problem === undefined; at += BATCH) {
			await this.database.write((writer) => work(writer, ids.slice(at, at + BATCH)));
		}
	}

	async #enterChanged(): Promise<void> {
		const { database } = this;
		try {
			while (!this.#isStopped) {
				const ids = await database.read((reader) => database.vectorTable.changed(reader, BATCH));
				if (ids.length === 0) return;
				await database.write((writer) => database.vectorTable.put(writer, ids, this.#dimensions));
				if (database.vectorTable.problem !== undefined) return;
			}
		} catch {
			// The storage says so itself, to whoever writes next.
		}
	}
}
