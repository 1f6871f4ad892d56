import sql from "sql-template-tag";
import type { Reader, Writer } from "../database.ts";

/** A file as it was when it was read last. */
export interface FileRow {
	readonly path: string;
	/** Milliseconds since 1970, with fractions. */
	readonly mtimeMs: number;
	/** Bytes. */
	readonly size: number;
	/** SHA-256 of the content. */
	readonly hash: string;
}

/** A piece of a file; without a memory when there is none that depends on it. */
export interface FilePiece {
	readonly sourceId: string;
	readonly memoryId: string | null;
}

/** All files that were read. */
export function readFiles(reader: Reader): Promise<FileRow[]> {
	return reader.all<FileRow>(sql`SELECT path, mtime_ms AS mtimeMs, size, hash FROM sgn_files`);
}

export async function putFile(writer: Writer, { path, mtimeMs, size, hash }: FileRow): Promise<void> {
	await writer.run(sql`
		INSERT OR REPLACE INTO sgn_files (path, mtime_ms, size, hash) VALUES (${path}, ${mtimeMs}, ${size}, ${hash})`);
}

/** The pieces that a file had when it was read last. */
export function readPieces(reader: Reader, path: string): Promise<FilePiece[]> {
	return reader.all<FilePiece>(
		sql`SELECT source_id AS sourceId, memory_id AS memoryId FROM sgn_file_pieces WHERE path = ${path}`,
	);
}

export async function putPiece(writer: Writer, path: string, { sourceId, memoryId }: FilePiece): Promise<void> {
	await writer.run(sql`
		INSERT OR REPLACE INTO sgn_file_pieces (path, source_id, memory_id) VALUES (${path}, ${sourceId}, ${memoryId})`);
}

export async function deletePiece(writer: Writer, path: string, sourceId: string): Promise<void> {
	await writer.run(sql`DELETE FROM sgn_file_pieces WHERE path = ${path} AND source_id = ${sourceId}`);
}

/** The pieces of other files that say exactly the same. */
export function readTwinPieces(reader: Reader, { path, hash }: Pick<FileRow, "path" | "hash">): Promise<FilePiece[]> {
	return reader.all<FilePiece>(sql`
		SELECT p.source_id AS sourceId, p.memory_id AS memoryId
		FROM sgn_files f JOIN sgn_file_pieces p ON p.path = f.path
		WHERE f.hash = ${hash} AND f.path <> ${path}`);
}

/** Forget that a file was ever read. */
export async function deleteFile(writer: Writer, path: string): Promise<void> {
	await writer.run(sql`DELETE FROM sgn_file_pieces WHERE path = ${path}`);
	await writer.run(sql`DELETE FROM sgn_files WHERE path = ${path}`);
}

/** Let a memory stay when files do not say it any more. */
export async function releasePieces(writer: Writer, memoryId: string): Promise<void> {
	await writer.run(sql`UPDATE sgn_file_pieces SET memory_id = NULL WHERE memory_id = ${memoryId}`);
}

/** Whether a piece of any file stands for the memory. */
export async function hasPiece(reader: Reader, memoryId: string): Promise<boolean> {
	return (await reader.get(sql`SELECT 1 FROM sgn_file_pieces WHERE memory_id = ${memoryId}`)) !== undefined;
}
