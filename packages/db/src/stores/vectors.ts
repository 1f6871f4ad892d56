import sql, { empty } from "sql-template-tag";
import type { Reader, Writer } from "../database.ts";
import { list } from "../sqlite/list.ts";

/**
 * The vectors of documents, by model: in `sgn_codes` one bit for each number, by which the nearest are found, and in
 * `sgn_vectors` one byte, by which they are compared. Vectors of whole memories, made by an external model, also stand as
 * they are in the reference's `embeddings`, under the hash of the content, for its sake.
 */

export interface VectorModel {
	readonly id: number;
	readonly name: string;
	readonly dimensions: number;
}

export interface EncodedDocument {
	readonly doc: number;
	readonly code: Uint8Array;
}

/** A document without a vector, and what it needs to get one. */
export interface PendingDocument {
	readonly doc: number;
	readonly memoryId: string;
	readonly embeddingHash: string | null;
	readonly text: string;
	/** Model of the memory's row, when it names one. */
	readonly rowModel: string | null;
}

/** Documents of one memory or of all, by their numbers. */
export interface DocumentRange {
	readonly memoryId?: string;
	readonly fromDoc?: number;
	readonly beforeDoc: number;
	readonly limit: number;
}

/**
 * The model of that name, made known when it is not; another length means that everything of it is made anew, under
 * another number: what is held in memory by the number of a model never means two of them.
 */
export async function ensureModel(writer: Writer, name: string, dimensions: number): Promise<VectorModel> {
	const known = await writer.get<VectorModel>(sql`SELECT id, name, dimensions FROM sgn_models WHERE name = ${name}`);
	if (known?.dimensions === dimensions) return known;
	const last = await writer.get<{ id: number | null }>(sql`SELECT max(id) AS id FROM sgn_models`);
	if (known) await deleteModel(writer, known.id);
	const made = await writer.get<VectorModel>(sql`
		INSERT INTO sgn_models (id, name, dimensions) VALUES (${(last?.id ?? 0) + 1}, ${name}, ${dimensions})
		RETURNING id, name, dimensions`);
	if (!made) throw new Error(`the model ${name} was not stored`);
	return made;
}

export function findModel(reader: Reader, name: string): Promise<VectorModel | undefined> {
	return reader.get<VectorModel>(sql`SELECT id, name, dimensions FROM sgn_models WHERE name = ${name}`);
}

/** The document up to which every one has a code of the model; 0 when that is not known of any. */
export async function readCompleteTo(reader: Reader, name: string): Promise<number> {
	const row = await reader.get<{ doc: number }>(sql`SELECT complete_to AS doc FROM sgn_models WHERE name = ${name}`);
	return row?.doc ?? 0;
}

export async function writeCompleteTo(writer: Writer, name: string, doc: number): Promise<void> {
	await writer.run(sql`UPDATE sgn_models SET complete_to = ${doc} WHERE name = ${name}`);
}

/** Forget a model with its codes, and with the vectors that only it needs. */
export async function deleteModel(writer: Writer, model: number): Promise<void> {
	await writer.run(sql`DELETE FROM sgn_codes WHERE model = ${model}`);
	await writer.run(sql`DELETE FROM sgn_vectors WHERE model = ${model}`);
	await writer.run(sql`DELETE FROM sgn_models WHERE id = ${model}`);
}

/** Codes of a model in the order of their documents, from after `afterDoc`. */
export function codesAfter(reader: Reader, model: number, afterDoc: number, limit: number): Promise<EncodedDocument[]> {
	return reader.all<EncodedDocument>(sql`
		SELECT doc, code FROM sgn_codes WHERE doc > ${afterDoc} AND model = ${model} ORDER BY doc LIMIT ${limit}`);
}

export async function countCodes(reader: Reader, model: number): Promise<number> {
	return (await reader.get<{ n: number }>(sql`SELECT count(*) AS n FROM sgn_codes WHERE model = ${model}`))?.n ?? 0;
}

/**
 * Resolves to false when nothing was stored: the document is gone because its text was changed or forgotten meanwhile,
 * or it has its code already.
 */
export async function putCode(writer: Writer, model: number, { doc, code }: EncodedDocument): Promise<boolean> {
	const changed = await writer.run(sql`
		INSERT OR IGNORE INTO sgn_codes (doc, model, code)
		SELECT doc, ${model}, ${code} FROM sgn_documents WHERE doc = ${doc}`);
	return changed > 0;
}

/**
 * Documents without a code of the model (of any, when it is undefined), the newest first.
 */
export async function documentsWithoutCode(
	reader: Reader,
	model: number | undefined,
	{ memoryId, fromDoc = 0, beforeDoc, limit }: DocumentRange,
): Promise<PendingDocument[]> {
	const among = memoryId === undefined ? empty : sql`d.memory_id = ${memoryId} AND`;
	const documents = await reader.all<DocumentSpan>(sql`
		SELECT d.doc, d.memory_id AS memoryId, d.embedding_hash AS embeddingHash, d.text_start AS start, d.text_end AS "end"
		FROM sgn_documents d
		WHERE ${among} d.doc >= ${fromDoc} AND d.doc < ${beforeDoc} AND NOT EXISTS (SELECT 1 FROM sgn_codes c WHERE c.doc = d.doc AND c.model = ${model ?? -1})
		ORDER BY d.doc DESC LIMIT ${limit}`);
	const rows = await reader.all<{ id: string; content: string; rowModel: string | null }>(sql`
		SELECT id, content, embedding_model AS rowModel FROM memories
		WHERE id IN ${list([...new Set(documents.map(({ memoryId }) => memoryId))])}`);
	const byId = new Map(rows.map((row) => [row.id, row]));
	return documents.flatMap(({ start, end, ...document }) => {
		const row = byId.get(document.memoryId);
		return row ? [{ ...document, text: row.content.slice(start, end), rowModel: row.rowModel }] : [];
	});
}

/** A document by where its text stands. SQLite counts characters otherwise than JavaScript, so it must not cut it. */
interface DocumentSpan extends Pick<PendingDocument, "doc" | "memoryId" | "embeddingHash"> {
	readonly start: number;
	readonly end: number;
}

/** A vector as it is compared: one signed byte for each number, whose scale is lost. */
export interface CompactVector {
	readonly doc: number;
	/** Two's complement. */
	readonly vector: Uint8Array;
}

/** The vectors of documents, for comparison. Documents that have none of the model are left out. */
export async function readVectors(
	reader: Reader,
	model: VectorModel,
	docs: readonly number[],
): Promise<CompactVector[]> {
	if (docs.length === 0) return [];
	const rows = await reader.all<CompactVector>(sql`
		SELECT v.doc, v.vector FROM json_each(${JSON.stringify(docs)}) wanted
		CROSS JOIN sgn_vectors v ON v.doc = wanted.value AND v.model = ${model.id}`);
	return rows.filter(({ vector }) => vector.length === model.dimensions);
}

export async function putVector(writer: Writer, model: number, { doc, vector }: CompactVector): Promise<void> {
	await writer.run(sql`INSERT OR REPLACE INTO sgn_vectors (doc, model, vector) VALUES (${doc}, ${model}, ${vector})`);
}
