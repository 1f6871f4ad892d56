import type { Sql } from "sql-template-tag";

/**
 * The one way to the data. Statements are made with the `sql` tag, which keeps values out of the text, and speak of
 * tables and columns that every dialect has; what only one dialect understands lives in its folder.
 */
export interface Database {
	/** Read what is committed now. */
	read<T>(work: (reader: Reader) => Promise<T>): Promise<T>;
	/**
	 * Change something, all or nothing. Settles after the commit is on the disk: what was promised survives a crash
	 * of the process and of the machine. Works that wait at the same time share one commit.
	 *
	 * `work` must not wait for anything but its own statements, or to let others have a turn (`timers.yield`), must not
	 * call `write` again, and must leave nothing behind but what it writes: when another work of the same commit throws, it is undone and run a second time.
	 */
	write<T>(work: (writer: Writer) => Promise<T>): Promise<T>;
	/**
	 * As `write`, for what nobody waits for: it goes along with the next commit of others, and gets one of its own when
	 * there is none within a few milliseconds.
	 */
	writeSoon<T>(work: (writer: Writer) => Promise<T>): Promise<T>;
	/**
	 * Let `work` run at the end of each transaction, before the commit, so that what it derives is never behind what
	 * it is derived from. What it returns runs after the commit. Its failure undoes its own changes alone.
	 */
	beforeCommit(work: (writer: Writer) => Promise<(() => void) | undefined>): void;
	/** The portable vector index beside our own. */
	readonly vectorTable: VectorTable;
	/** Remove a memory from tables of other programs that are not ours to know otherwise. */
	eraseElsewhere(writer: Writer, erased: Erased): Promise<void>;
	/**
	 * After memories were erased: remove what deleting leaves behind, in the indices, the log and the copies of the file.
	 * Gives way to other work. Not to be called again before it has ended.
	 */
	scrub(): Promise<Scrubbed>;
	/** Count what there is of vectors, without keeping anybody waiting. */
	embeddingFacts(): Promise<EmbeddingFacts>;
	/** Wait for what was accepted, move the log into the file, close. A second call does nothing. */
	close(): Promise<void>;
}

/** A memory that was erased. */
export interface Erased {
	readonly id: string;
	/** What it said, now and before, without what others say. */
	readonly texts: readonly string[];
}

export interface Scrubbed {
	/** Paths of the copies that were written anew without what was erased, or removed because they could not be read. */
	readonly copies: readonly string[];
	/** Why something may be left, in words for a person; then it is to be tried again. */
	readonly problems: readonly string[];
}

/** What there is of vectors. Forgotten memories are not counted. */
export interface EmbeddingFacts {
	readonly memories: number;
	/** Memories that have a vector, by the name of the model that made it. */
	readonly embedded: Readonly<Record<string, number>>;
	/** Lengths of the vectors in `embeddings`. */
	readonly lengths: readonly number[];
	/** Names of the models in `memories.embedding_model`. */
	readonly models: readonly string[];
	/** Rows of `embeddings` in all, without a vector, and of memories that are not there. */
	readonly rows: number;
	readonly empty: number;
	readonly orphaned: number;
	/** The portable vector table; undefined when there is none. */
	readonly table:
		| {
				readonly dimensions: number;
				readonly rows: number;
				/** Rows of `embeddings` that it does not show yet as they are. */
				readonly behind: number;
				/** Rows in one of the two that should not be, or should be and are not. */
				readonly differing: number;
		  }
		| undefined;
}

export interface Reader {
	all<Row>(statement: Sql): Promise<Row[]>;
	get<Row>(statement: Sql): Promise<Row | undefined>;
}

export interface Writer extends Reader {
	/** Execute; resolves to the number of rows that it changed. */
	run(statement: Sql): Promise<number>;
	/** Insert one row into a table that numbers its rows; resolves to the number. */
	insert(statement: Sql): Promise<number>;
}

/**
 * A vector index that other programs can search, kept as well as the machine allows. It shows the rows of `embeddings`
 * that have the length in force, without those of forgotten memories. Never fails a write.
 */
export interface VectorTable {
	/** Why it is not kept, when it is not. */
	readonly problem: string | undefined;
	/**
	 * Bring these rows of `embeddings` in step: enter, replace or remove what stands under their ids. `dimensions` is the
	 * length in force from now on; left out, it stays what it is.
	 */
	put(writer: Writer, ids: readonly string[], dimensions?: number): Promise<void>;
	/** Ids of rows that have changed since they were brought in step, at most `limit`. */
	changed(reader: Reader, limit: number): Promise<string[]>;
	/**
	 * Take back the vectors that these rows of `embeddings` have lost and the table has; rows whose vectors nobody has are
	 * removed, so that they are made again.
	 */
	restore(writer: Writer, ids: readonly string[]): Promise<void>;
	/** Whether it was compared to the end (`setCompared`), and nobody but this program has written to the file since. */
	isCompared(reader: Reader): Promise<boolean>;
	/** Say that comparing begins: who writes from now on is noticed. */
	beginComparing(writer: Writer): Promise<void>;
	/** Say that it was compared to the end, and all that differed was mended. Says nothing when another program has written since the beginning. */
	setCompared(writer: Writer): Promise<void>;
	/** Compare it with `embeddings` for the next `limit` ids after that one. Changes nothing. */
	compare(reader: Reader, range: { afterId: string; limit: number }): Promise<VectorTableComparison>;
}

export interface VectorTableComparison {
	/** Ids that stand in one of the two and should not, or should and do not. */
	readonly differing: readonly string[];
	/** Of those, the ids whose vectors `embeddings` has lost. */
	readonly lost: readonly string[];
	/** The last id that was compared; undefined at the end. */
	readonly lastId: string | undefined;
}
