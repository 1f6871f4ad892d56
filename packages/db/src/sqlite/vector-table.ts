import type { Database as SqliteFile } from "bun:sqlite";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename, join as joinPath } from "node:path";
import { messageOf } from "@signet/core";
import sql, { raw, type Sql } from "sql-template-tag";
import { vectorLibraryFile } from "#vector-library";
import type { Reader, VectorTable, VectorTableComparison, Writer } from "../database.ts";
import { readState, writeState } from "../stores/state.ts";
import { list } from "./list.ts";
import { VECTOR_TABLE_COMPARED } from "./schema/marks.ts";

export interface VectorTableOptions {
	/** A library to load instead of ours, if the file exists (`SIGNET_VEC_PATH`). */
	readonly libraryFile: string | undefined;
	/** Where the library is unpacked when it is inside the executable. */
	readonly cacheFolder: string;
}

/** What stands beside the mark that the table was compared. */
const COMPARING = "0";
const COMPARED = "1";

/** Named, because SQLite would guess it from the name of the file. */
const ENTRY_POINT = "sqlite3_vec_init";

/** Where the bundler puts the files inside an executable; the system's loader cannot read there. */
const EMBEDDED = /^(\/\$bunfs|[A-Z]:[\\/]~BUN)/;

/**
 * `vec_embeddings`, the vector index of the reference, kept in step with `embeddings` for its sake: our own search does
 * without it. The library is loaded on first use; where that fails, everything else goes on.
 */
export class SqliteVectorTable implements VectorTable {
	#isLoaded: boolean | undefined;
	#problem: string | undefined;

	constructor(
		private readonly db: SqliteFile,
		private readonly options: VectorTableOptions,
	) {}

	get problem(): string | undefined {
		return this.#problem;
	}

	async put(writer: Writer, ids: readonly string[], dimensions?: number): Promise<void> {
		await this.#attempt(async () => {
			await this.#copyBack(writer, ids);
			const length = await this.#ensureTable(writer, dimensions);
			if (length !== undefined) await this.#enter(writer, ids, length);
			await writer.run(sql`DELETE FROM sgn_vector_changes WHERE embedding_id IN ${list(ids)}`);
		});
	}

	async changed(reader: Reader, limit: number): Promise<string[]> {
		const rows = await reader.all<{ id: string }>(
			sql`SELECT embedding_id AS id FROM sgn_vector_changes ORDER BY embedding_id LIMIT ${limit}`,
		);
		return rows.map(({ id }) => id);
	}

	async isCompared(reader: Reader): Promise<boolean> {
		return (await readState(reader, VECTOR_TABLE_COMPARED)) === COMPARED;
	}

	beginComparing(writer: Writer): Promise<void> {
		return writeState(writer, VECTOR_TABLE_COMPARED, COMPARING);
	}

	async setCompared(writer: Writer): Promise<void> {
		// Who notices that another program has written removes the mark.
		await writer.run(sql`UPDATE sgn_state SET value = ${COMPARED} WHERE key = ${VECTOR_TABLE_COMPARED}`);
	}

	/** Needs no library: which ids there are stands in an ordinary table beside the virtual one. */
	async compare(
		reader: Reader,
		{ afterId, limit }: { afterId: string; limit: number },
	): Promise<VectorTableComparison> {
		const table = await declaredTable(reader);
		const length = table?.dimensions ?? (await latestLength(reader));
		if (length === undefined) return { differing: [], lost: [], lastId: undefined };
		// All of it by SQLite: thousands of ids that are equal are nothing to carry here.
		const entered = table ? sql`SELECT id FROM vec_embeddings_rowids` : sql`SELECT NULL AS id WHERE false`;
		const last = await reader.get<{ id: string | null }>(sql`
			SELECT max(id) AS id FROM (
				SELECT id FROM embeddings WHERE id > ${afterId}
				UNION SELECT id FROM (${entered}) WHERE id > ${afterId} ORDER BY id LIMIT ${limit})`);
		const lastId = last?.id ?? undefined;
		if (lastId === undefined) return { differing: [], lost: [], lastId };
		const within = sql`id > ${afterId} AND id <= ${lastId}`;
		const shown = sql`SELECT id FROM embeddings e WHERE ${within} AND ${isShown(length)}`;
		const there = sql`SELECT id FROM (${entered}) WHERE ${within}`;
		const lost = sql`SELECT id FROM embeddings e WHERE ${within} AND COALESCE(length(e.vector), 0) = 0`;
		const missing = await idsOf(reader, sql`${shown} EXCEPT ${there}`);
		const leftOver = await idsOf(reader, sql`${there} EXCEPT ${shown}`);
		return { differing: [...missing, ...leftOver], lost: [...(await idsOf(reader, lost))], lastId };
	}

	async restore(writer: Writer, ids: readonly string[]): Promise<void> {
		await this.#attempt(async () => {
			await this.#copyBack(writer, ids);
			await writer.run(sql`DELETE FROM embeddings WHERE id IN ${list(ids)} AND COALESCE(length(vector), 0) = 0`);
		});
	}

	/** Put vectors that only the table has left back where they belong. */
	async #copyBack(writer: Writer, ids: readonly string[]): Promise<void> {
		if (!(await declaredTable(writer))) return;
		const lost = await idsOf(
			writer,
			sql`SELECT id FROM embeddings WHERE id IN ${list(ids)} AND COALESCE(length(vector), 0) = 0`,
		);
		for (const id of lost) {
			const row = await writer.get<{ vector: Uint8Array }>(
				sql`SELECT embedding AS vector FROM vec_embeddings WHERE id = ${id}`,
			);
			if (row) await writer.run(sql`UPDATE embeddings SET vector = ${row.vector} WHERE id = ${id}`);
		}
	}

	/** An existing id cannot be replaced in a vec0 table: OR REPLACE fails there. */
	async #enter(writer: Writer, ids: readonly string[], dimensions: number): Promise<void> {
		const known = await writer.all<{ id: string }>(sql`SELECT id FROM vec_embeddings_rowids WHERE id IN ${list(ids)}`);
		for (const { id } of known) await writer.run(sql`DELETE FROM vec_embeddings WHERE id = ${id}`);
		await writer.run(sql`
			INSERT INTO vec_embeddings (id, embedding) SELECT id, vector FROM embeddings e
			WHERE id IN ${list(ids)} AND ${isShown(dimensions)}`);
	}

	async #attempt(work: () => Promise<void>): Promise<void> {
		this.#isLoaded ??= this.#load();
		if (!this.#isLoaded) return;
		try {
			await work();
			this.#problem = undefined;
		} catch (error) {
			if (!this.db.inTransaction) throw error;
			this.#problem = messageOf(error);
		}
	}

	#load(): boolean {
		const { libraryFile, cacheFolder } = this.options;
		const file = libraryFile && existsSync(libraryFile) ? libraryFile : vectorLibraryFile();
		if (!file) {
			this.#problem = `sqlite-vec has no library for ${process.platform} ${process.arch}`;
			return false;
		}
		try {
			this.db.loadExtension(EMBEDDED.test(file) ? unpack(file, cacheFolder) : file, ENTRY_POINT);
			return true;
		} catch (error) {
			this.#problem = `sqlite-vec cannot be loaded: ${messageOf(error)}`;
			return false;
		}
	}

	/**
	 * Make the table for vectors of that length; one of another length or of the first layout is made anew, and all that
	 * belongs there is to be entered again. Resolves to the length in force; undefined when there are no vectors at all.
	 */
	async #ensureTable(writer: Writer, dimensions: number | undefined): Promise<number | undefined> {
		const table = await declaredTable(writer);
		const length = dimensions ?? table?.dimensions ?? (await latestLength(writer));
		if (length === undefined || table?.dimensions === length) return length;
		await writer.run(sql`DROP TABLE IF EXISTS vec_embeddings`);
		await writer.run(
			sql`CREATE VIRTUAL TABLE vec_embeddings USING vec0(id TEXT PRIMARY KEY, embedding FLOAT[${raw(String(length))}] distance_metric=cosine)`,
		);
		await writer.run(sql`
			INSERT OR IGNORE INTO sgn_vector_changes (embedding_id) SELECT id FROM embeddings WHERE dimensions = ${length}`);
		return length;
	}
}

/** The table as other programs expect it, if it is there. */
async function declaredTable(reader: Reader): Promise<{ dimensions: number } | undefined> {
	const table = await reader.get<{ sql: string }>(sql`SELECT sql FROM sqlite_master WHERE name = 'vec_embeddings'`);
	const dimensions = table?.sql.includes("id TEXT") && /FLOAT\[(\d+)\]/i.exec(table.sql)?.[1];
	return dimensions ? { dimensions: Number(dimensions) } : undefined;
}

/** The length of the vector that was stored last. */
async function latestLength(reader: Reader): Promise<number | undefined> {
	const row = await reader.get<{ dimensions: number }>(
		sql`SELECT dimensions FROM embeddings WHERE dimensions > 0 ORDER BY rowid DESC LIMIT 1`,
	);
	return row?.dimensions;
}

/** Vectors of that length that are whole, and whose memory, if it is one's, is not forgotten. */
function isShown(dimensions: number): Sql {
	return sql`e.dimensions = ${dimensions} AND length(e.vector) = ${4 * dimensions} AND (e.source_type <> 'memory' OR EXISTS (
		SELECT 1 FROM memories m WHERE m.id = e.source_id AND m.is_deleted = 0))`;
}

async function idsOf(reader: Reader, statement: Sql): Promise<Set<string>> {
	return new Set((await reader.all<{ id: string }>(statement)).map(({ id }) => id));
}

function unpack(embedded: string, cacheFolder: string): string {
	const target = joinPath(cacheFolder, basename(embedded));
	if (existsSync(target)) return target;
	mkdirSync(cacheFolder, { recursive: true, mode: 0o700 });
	const unfinished = `${target}.${process.pid}`;
	// Read and written, not copied: the file is no file to the operating system.
	writeFileSync(unfinished, readFileSync(embedded), { mode: 0o700 });
	renameSync(unfinished, target);
	return target;
}
