import type { Database } from "bun:sqlite";
import type { EmbeddingFacts } from "../database.ts";
import { openReader } from "./connection.ts";

const ACTIVE_ROWS = `embeddings e JOIN memories m ON m.id = e.source_id AND COALESCE(m.is_deleted, 0) = 0
	WHERE e.source_type = 'memory'`;

/** Count what there is of vectors in a database. Reads every row, and keeps the thread busy meanwhile. */
export function embeddingFacts(file: string): EmbeddingFacts {
	const db = openReader(file);
	try {
		const count = (select: string) => db.query<{ n: number }, []>(`SELECT count(*) AS n FROM ${select}`).get()?.n ?? 0;
		return {
			memories: count("memories WHERE COALESCE(is_deleted, 0) = 0"),
			embedded: embeddedByModel(db),
			lengths: numbers(db, `SELECT DISTINCT e.dimensions AS n FROM ${ACTIVE_ROWS} ORDER BY 1`),
			models: texts(
				db,
				`SELECT DISTINCT embedding_model AS text FROM memories
				WHERE embedding_model IS NOT NULL AND COALESCE(is_deleted, 0) = 0 ORDER BY 1`,
			),
			empty: count("embeddings WHERE vector IS NULL OR length(vector) = 0"),
			orphaned: count(
				"embeddings e WHERE e.source_type = 'memory' AND NOT EXISTS (SELECT 1 FROM memories m WHERE m.id = e.source_id)",
			),
			rows: count("embeddings"),
			table: vectorTableFacts(db, count),
		};
	} finally {
		db.close();
	}
}

/** Memories that have a vector of a model: their first documents have. */
function embeddedByModel(db: Database): Record<string, number> {
	const rows = db
		.query<{ name: string; n: number }, []>(
			`SELECT s.name, count(*) AS n FROM sgn_codes c JOIN sgn_models s ON s.id = c.model
			JOIN sgn_documents d ON d.doc = c.doc AND d.chunk = 0 GROUP BY s.name`,
		)
		.all();
	return Object.fromEntries(rows.map(({ name, n }) => [name, n]));
}

/** What the table shows and what it should: rows that are known to be behind are not counted as differing. */
function vectorTableFacts(db: Database, count: (select: string) => number): EmbeddingFacts["table"] {
	const table = db.query<{ sql: string }, []>("SELECT sql FROM sqlite_master WHERE name = 'vec_embeddings'").get();
	const length = /FLOAT\[(\d+)\]/i.exec(table?.sql ?? "")?.[1];
	if (length === undefined) return undefined;
	const shown = `SELECT e.id FROM embeddings e WHERE e.dimensions = ${length} AND length(e.vector) = ${4 * Number(length)}
		AND (e.source_type <> 'memory' OR EXISTS (
			SELECT 1 FROM memories m WHERE m.id = e.source_id AND COALESCE(m.is_deleted, 0) = 0))`;
	const held = "SELECT id FROM vec_embeddings_rowids";
	const differing = (one: string, other: string) =>
		count(`(${one} EXCEPT ${other}) WHERE id NOT IN (SELECT embedding_id FROM sgn_vector_changes)`);
	return {
		dimensions: Number(length),
		rows: count("vec_embeddings_rowids"),
		behind: count("sgn_vector_changes"),
		differing: differing(shown, held) + differing(held, shown),
	};
}

function numbers(db: Database, select: string): number[] {
	return db
		.query<{ n: number }, []>(select)
		.all()
		.map(({ n }) => n);
}

function texts(db: Database, select: string): string[] {
	return db
		.query<{ text: string }, []>(select)
		.all()
		.map(({ text }) => text);
}
