import type { Database as SqliteFile } from "bun:sqlite";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename, join as joinPath } from "node:path";
import { messageOf } from "@signet/core";
import sql, { raw } from "sql-template-tag";
import { vectorLibraryFile } from "#vector-library";
import type { VectorTable, Writer } from "../database.ts";
import { list } from "./list.ts";

export interface VectorTableOptions {
	/** A library to load instead of ours, if the file exists (`SIGNET_VEC_PATH`). */
	readonly libraryFile: string | undefined;
	/** Where the library is unpacked when it is inside the executable. */
	readonly cacheFolder: string;
}

/** Named, because SQLite would guess it from the name of the file. */
const ENTRY_POINT = "sqlite3_vec_init";

/** A vec0 table keeps a thousand vectors in one value, and walks through its pages for each that is entered. */
const CACHE_KIB = 8_000;

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

	async put(writer: Writer, ids: readonly string[], dimensions: number): Promise<void> {
		await this.#attempt(async () => {
			await this.#ensureTable(writer, dimensions);
			await this.#enter(writer, ids, dimensions);
		});
	}

	async mend(
		writer: Writer,
		dimensions: number,
		{ afterId, limit }: { afterId: string; limit: number },
	): Promise<string | undefined> {
		let lastId: string | undefined;
		await this.#attempt(async () => {
			await this.#ensureTable(writer, dimensions);
			const ids = await writer.all<{ id: string }>(sql`
				SELECT id FROM embeddings WHERE id > ${afterId} UNION
				SELECT id FROM vec_embeddings_rowids WHERE id > ${afterId} ORDER BY id LIMIT ${limit}`);
			const last = ids.at(-1)?.id;
			if (last === undefined) return;
			const orphans = await writer.all<{ id: string }>(sql`
				SELECT v.id FROM vec_embeddings_rowids v WHERE v.id > ${afterId} AND v.id <= ${last}
					AND NOT EXISTS (SELECT 1 FROM embeddings e WHERE e.id = v.id)`);
			for (const { id } of orphans) await this.#remove(writer, id);
			const missing = await writer.all<{ id: string }>(sql`
				SELECT e.id FROM embeddings e WHERE e.id > ${afterId} AND e.id <= ${last}
					AND NOT EXISTS (SELECT 1 FROM vec_embeddings_rowids v WHERE v.id = e.id)`);
			await this.#enter(
				writer,
				missing.map(({ id }) => id),
				dimensions,
			);
			lastId = last;
		});
		return lastId;
	}

	/** An existing id cannot be replaced in a vec0 table: OR REPLACE fails there. */
	async #enter(writer: Writer, ids: readonly string[], dimensions: number): Promise<void> {
		const known = await writer.all<{ id: string }>(sql`SELECT id FROM vec_embeddings_rowids WHERE id IN ${list(ids)}`);
		for (const { id } of known) await this.#remove(writer, id);
		await writer.run(sql`
			INSERT INTO vec_embeddings (id, embedding) SELECT id, vector FROM embeddings
			WHERE id IN ${list(ids)} AND dimensions = ${dimensions} AND length(vector) = ${4 * dimensions}`);
	}

	async #remove(writer: Writer, id: string): Promise<void> {
		await writer.run(sql`DELETE FROM vec_embeddings WHERE id = ${id}`);
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
			this.db.run(`PRAGMA cache_size = -${CACHE_KIB}`);
			return true;
		} catch (error) {
			this.#problem = `sqlite-vec cannot be loaded: ${messageOf(error)}`;
			return false;
		}
	}

	/** Make the table for vectors of that length; one of another length or of the first layout is made anew. */
	async #ensureTable(writer: Writer, dimensions: number): Promise<void> {
		const table = await writer.get<{ sql: string }>(sql`SELECT sql FROM sqlite_master WHERE name = 'vec_embeddings'`);
		const isCurrent = table?.sql.includes("id TEXT") && table.sql.toUpperCase().includes(`FLOAT[${dimensions}]`);
		if (isCurrent) return;
		if (table) await writer.run(sql`DROP TABLE vec_embeddings`);
		await writer.run(
			sql`CREATE VIRTUAL TABLE vec_embeddings USING vec0(id TEXT PRIMARY KEY, embedding FLOAT[${raw(String(dimensions))}] distance_metric=cosine)`,
		);
	}
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
