import type { MemoryScope } from "@signet/core";
import sql, { join, type Sql } from "sql-template-tag";
import type { Reader, Writer } from "../database.ts";
import { CREATED_MS } from "../sqlite/created-ms.ts";
import { list } from "../sqlite/list.ts";
import { MEMORY_COLUMNS } from "../sqlite/memory-columns.ts";
import { IS_ACTIVE, scopeConditions, scopePredicate } from "../sqlite/memory-predicate.ts";
import type { MemoryRow } from "./memories.ts";

/** Which memories are drawn; all in the scope that have a vector, where nothing else is said. */
export interface ProjectionFilter {
	readonly scope: MemoryScope;
	/** Stands somewhere in content, tags, author, type or source. */
	readonly text?: string | undefined;
	readonly who?: readonly string[] | undefined;
	readonly types?: readonly string[] | undefined;
	readonly sourceTypes?: readonly string[] | undefined;
	/** Each stands somewhere in the tags. */
	readonly tags?: readonly string[] | undefined;
	readonly pinned?: boolean | undefined;
	/** Milliseconds since the epoch. */
	readonly sinceMs?: number | undefined;
	readonly untilMs?: number | undefined;
	readonly importanceMin?: number | undefined;
	readonly importanceMax?: number | undefined;
}

/** Places of documents, `dimensions` numbers each, and pairs of positions that lie next to each other. */
export interface Projection {
	readonly docs: Float64Array;
	readonly points: Float32Array;
	readonly edges: Uint32Array;
}

export interface KeptProjection extends Projection {
	/** Says of which documents it is (`projectionStamp`). */
	readonly stamp: string;
	/** ISO-8601 UTC. */
	readonly madeAt: string;
}

/** First documents of memories that have a vector of the model, the newest memory first. */
export async function documentsToProject(reader: Reader, model: number, filter: ProjectionFilter): Promise<number[]> {
	const rows = await reader.all<{ doc: number }>(sql`
		SELECT d.doc FROM memories m JOIN sgn_documents d ON d.memory_id = m.id AND d.chunk = 0
		WHERE ${condition(filter)} AND EXISTS (SELECT 1 FROM sgn_vectors v WHERE v.doc = d.doc AND v.model = ${model})
		ORDER BY ${CREATED_MS} DESC, m.id DESC`);
	return rows.map(({ doc }) => doc);
}

/** Changes whenever another set of documents has vectors: no number of a document is used twice. */
export async function projectionStamp(reader: Reader, model: number): Promise<string> {
	const row = await reader.get<{ stamp: string }>(sql`
		SELECT count(*) || '/' || coalesce(max(doc), 0) || '/' || coalesce(sum(doc), 0) AS stamp FROM sgn_embedded`);
	return `${model}/${row?.stamp}`;
}

export async function readProjection(reader: Reader, dimensions: number): Promise<KeptProjection | undefined> {
	const row = await reader.get<Record<"docs" | "points" | "edges", Uint8Array> & { stamp: string; madeAt: string }>(sql`
		SELECT stamp, made_at AS madeAt, docs, points, edges FROM sgn_projections WHERE dimensions = ${dimensions}`);
	if (!row) return undefined;
	return {
		stamp: row.stamp,
		madeAt: row.madeAt,
		docs: new Float64Array(Uint8Array.from(row.docs).buffer),
		points: new Float32Array(Uint8Array.from(row.points).buffer),
		edges: new Uint32Array(Uint8Array.from(row.edges).buffer),
	};
}

export async function writeProjection(writer: Writer, dimensions: number, kept: KeptProjection): Promise<void> {
	const { stamp, madeAt, docs, points, edges } = kept;
	await writer.run(sql`
		INSERT OR REPLACE INTO sgn_projections (dimensions, stamp, made_at, docs, points, edges)
		VALUES (${dimensions}, ${stamp}, ${madeAt}, ${bytesOf(docs)}, ${bytesOf(points)}, ${bytesOf(edges)})`);
}

/**
 * The memories that documents belong to, by the document. Those that were forgotten meanwhile, or are outside of the
 * scope, are left out.
 */
export async function memoriesOfDocuments(
	reader: Reader,
	docs: readonly number[],
	scope: MemoryScope,
): Promise<Map<number, MemoryRow>> {
	const rows = await reader.all<MemoryRow & { doc: number }>(sql`
		SELECT ${MEMORY_COLUMNS}, d.doc FROM sgn_documents d JOIN memories m ON m.id = d.memory_id
		WHERE d.doc IN ${list(docs)} AND ${IS_ACTIVE} AND ${scopePredicate(scope)}`);
	return new Map(rows.map(({ doc, ...row }) => [doc, row]));
}

function bytesOf({ buffer, byteOffset, byteLength }: Float64Array | Float32Array | Uint32Array): Uint8Array {
	return new Uint8Array(buffer, byteOffset, byteLength);
}

function condition(filter: ProjectionFilter): Sql {
	const { text, who, types, sourceTypes, tags, pinned, sinceMs, untilMs, importanceMin, importanceMax } = filter;
	const conditions: Sql[] = [IS_ACTIVE, ...scopeConditions(filter.scope)];
	const within = (column: Sql, part: string) => sql`instr(lower(coalesce(${column}, '')), lower(${part})) > 0`;
	if (text !== undefined) {
		const places = [sql`m.content`, sql`m.tags`, sql`m.who`, sql`m.type`, sql`m.source_type`, sql`m.source_id`];
		conditions.push(
			sql`(${join(
				places.map((place) => within(place, text)),
				" OR ",
			)})`,
		);
	}
	if (who) conditions.push(sql`m.who IN ${list(who)}`);
	if (types) conditions.push(sql`m.type IN ${list(types)}`);
	if (sourceTypes) conditions.push(sql`m.source_type IN ${list(sourceTypes)}`);
	for (const tag of tags ?? []) conditions.push(within(sql`m.tags`, tag));
	if (pinned !== undefined) conditions.push(sql`COALESCE(m.pinned, 0) = ${pinned ? 1 : 0}`);
	if (sinceMs !== undefined) conditions.push(sql`${CREATED_MS} >= ${sinceMs}`);
	if (untilMs !== undefined) conditions.push(sql`${CREATED_MS} <= ${untilMs}`);
	if (importanceMin !== undefined) conditions.push(sql`m.importance >= ${importanceMin}`);
	if (importanceMax !== undefined) conditions.push(sql`m.importance <= ${importanceMax}`);
	return join(conditions, " AND ");
}
