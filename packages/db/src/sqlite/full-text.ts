import type { Database } from "bun:sqlite";
import { clearFullTextBehind } from "./schema/marks.ts";
import type { Structure } from "./schema/structure.ts";

/**
 * The reference's full-text table over `memories.content`, which its programs search and which answers in the ranking
 * profile `reference`. It stores no text of its own: rows are found by the implicit rowid of `memories`.
 */
const TABLE = `CREATE VIRTUAL TABLE memories_fts USING fts5(content, content=memories, content_rowid=rowid)`;

const TRIGGERS: Readonly<Record<string, string>> = {
	memories_ai: `CREATE TRIGGER memories_ai AFTER INSERT ON memories BEGIN
		INSERT INTO memories_fts(rowid, content) VALUES (new.rowid, new.content);
	END`,
	memories_ad: `CREATE TRIGGER memories_ad AFTER DELETE ON memories BEGIN
		INSERT INTO memories_fts(memories_fts, rowid, content) VALUES ('delete', old.rowid, old.content);
	END`,
	// Only for the content: a counter that goes up must not rewrite the index.
	memories_au: `CREATE TRIGGER memories_au AFTER UPDATE OF content ON memories BEGIN
		INSERT INTO memories_fts(memories_fts, rowid, content) VALUES ('delete', old.rowid, old.content);
		INSERT INTO memories_fts(rowid, content) VALUES (new.rowid, new.content);
	END`,
};

/**
 * Make the table, its triggers and its entries, where the file lacks any of them or has them in a form that does not
 * follow `memories`: bound to an integer `id` that has become a text, stemmed, or never filled.
 */
export function ensureFullText(db: Database, structure: Structure): void {
	for (const [name, sql] of Object.entries(TRIGGERS)) {
		if (condensed(structure.definitionOf(name)) === condensed(sql)) continue;
		structure.drop("TRIGGER", name);
		structure.run(name, sql);
	}
	const definition = condensed(structure.definitionOf("memories_fts"));
	// Later versions of the reference name the tokeniser that is the default.
	const isPlain = !/tokenize=/.test(definition) || /tokenize=['"]unicode61['"]/.test(definition);
	if (/content_rowid='?rowid\b/.test(definition) && isPlain) {
		const { indexed, rows } = db
			.query<{ indexed: number; rows: number }, []>(
				"SELECT (SELECT count(*) FROM memories_fts_docsize) AS indexed, (SELECT count(*) FROM memories) AS rows",
			)
			.get() ?? { indexed: 0, rows: 0 };
		if (indexed === rows) return;
	} else {
		structure.drop("TABLE", "memories_fts");
		structure.run("memories_fts", TABLE);
	}
	db.run("INSERT INTO memories_fts(memories_fts) VALUES ('rebuild')");
}

/** Make all entries anew, after the rows may have got other numbers. */
export function rebuildFullText(db: Database): void {
	db.transaction(() => {
		db.run("INSERT INTO memories_fts(memories_fts) VALUES ('rebuild')");
		clearFullTextBehind(db);
	}).immediate();
}

function condensed(sql: string): string {
	return sql.toLowerCase().replace(/\s+/g, "");
}
