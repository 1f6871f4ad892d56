import type { Database as SqliteFile } from "bun:sqlite";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename, join as joinPath } from "node:path";
import { messageOf } from "@signet/core";
import sql, { raw } from "sql-template-tag";
import { vectorLibraryFile } from "#vector-library";
import type { VectorTable, Writer } from "../database.ts";
import { bytesOf } from "../stores/vectors.ts";

export interface VectorTableOptions {
	/** A library to load instead of ours, if the file exists (`SIGNET_VEC_PATH`). */
	readonly libraryFile: string | undefined;
	/** Where the library is unpacked when it is inside the executable. */
	readonly cacheFolder: string;
}

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
	#dimensions: number | undefined;
	#problem: string | undefined;

	constructor(
		private readonly db: SqliteFile,
		private readonly options: VectorTableOptions,
	) {}

	get problem(): string | undefined {
		return this.#problem;
	}

	async put(writer: Writer, id: string, vector: Float32Array): Promise<void> {
		await this.#attempt(async () => {
			await this.#ensureTable(writer, vector.length);
			// An existing id cannot be replaced in a vec0 table: OR REPLACE fails there.
			await writer.run(sql`DELETE FROM vec_embeddings WHERE id = ${id}`);
			await writer.run(sql`INSERT INTO vec_embeddings (id, embedding) VALUES (${id}, ${bytesOf(vector)})`);
		});
	}

	async reconcile(writer: Writer, dimensions: number, limit: number): Promise<number> {
		let changed = 0;
		await this.#attempt(async () => {
			await this.#ensureTable(writer, dimensions);
			const orphans = await writer.all<{ id: string }>(sql`
				SELECT v.id FROM vec_embeddings_rowids v
				WHERE NOT EXISTS (SELECT 1 FROM embeddings e WHERE e.id = v.id) LIMIT ${limit}`);
			for (const { id } of orphans) await writer.run(sql`DELETE FROM vec_embeddings WHERE id = ${id}`);
			const missing = await writer.all<{ id: string; vector: Uint8Array }>(sql`
				SELECT e.id, e.vector FROM embeddings e
				WHERE e.dimensions = ${dimensions} AND length(e.vector) = ${4 * dimensions}
					AND NOT EXISTS (SELECT 1 FROM vec_embeddings_rowids v WHERE v.id = e.id) LIMIT ${limit}`);
			for (const { id, vector } of missing) {
				await writer.run(sql`INSERT INTO vec_embeddings (id, embedding) VALUES (${id}, ${vector})`);
			}
			changed = orphans.length + missing.length;
		});
		return changed;
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

	/** Make the table for vectors of that length; one of another length or of the first layout is made anew. */
	async #ensureTable(writer: Writer, dimensions: number): Promise<void> {
		if (this.#dimensions === dimensions) return;
		const table = await writer.get<{ sql: string }>(sql`SELECT sql FROM sqlite_master WHERE name = 'vec_embeddings'`);
		const isCurrent = table?.sql.includes("id TEXT") && table.sql.toUpperCase().includes(`FLOAT[${dimensions}]`);
		if (!isCurrent) {
			if (table) await writer.run(sql`DROP TABLE vec_embeddings`);
			await writer.run(
				sql`CREATE VIRTUAL TABLE vec_embeddings USING vec0(id TEXT PRIMARY KEY, embedding FLOAT[${raw(String(dimensions))}] distance_metric=cosine)`,
			);
		}
		this.#dimensions = dimensions;
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
