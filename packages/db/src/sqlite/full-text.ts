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

/** What a table as ours may say. Later versions of the reference name the tokeniser that is the default. */
const DEFINITION = /fts5\(content,content=memories,content_rowid=rowid(,tokenize=unicode61)?\)$/;

/**
 * Make the table, its triggers and its entries, where the file lacks any of them or has them in a form that does not
 * follow `memories`: bound to an integer `id` that has become a text, over other columns, stemmed, never filled, or left
 * behind when the table was made anew.
 */
export function ensureFullText(db: Database, structure: Structure): void {
	// Triggers go when their table is made anew, and its rows may then have other numbers.
	const hasFollowed = Object.keys(TRIGGERS).every((name) => structure.hasOn("memories", name));
	for (const [name, sql] of Object.entries(TRIGGERS)) {
		if (condensed(structure.definitionOf(name)) === condensed(sql)) continue;
		structure.drop("TRIGGER", name);
		structure.run(name, sql);
	}
	if (!DEFINITION.test(unquoted(structure.definitionOf("memories_fts")))) {
		structure.drop("TABLE", "memories_fts");
		structure.run("memories_fts", TABLE);
	} else if (hasFollowed && hasEveryRow(db)) return;
	db.run("INSERT INTO memories_fts(memories_fts) VALUES ('rebuild')");
}

/** Whether the table takes its text from `memories`, and so can be made anew. */
export function isFollowingFullText(db: Database): boolean {
	const row = db.query<{ sql: string }, []>("SELECT sql FROM sqlite_master WHERE name = 'memories_fts'").get();
	return DEFINITION.test(unquoted(row?.sql ?? ""));
}

/** Make all entries anew, after the rows may have got other numbers. */
export function rebuildFullText(db: Database): void {
	db.transaction(() => {
		db.run("INSERT INTO memories_fts(memories_fts) VALUES ('rebuild')");
		clearFullTextBehind(db);
	}).immediate();
}

/** Whether there is an entry for each row of `memories`, by its number, and no other. */
function hasEveryRow(db: Database): boolean {
	const { differing } = db
		.query<{ differing: number }, []>(
			`SELECT EXISTS (SELECT rowid FROM memories EXCEPT SELECT id FROM memories_fts_docsize)
				OR EXISTS (SELECT id FROM memories_fts_docsize EXCEPT SELECT rowid FROM memories) AS differing`,
		)
		.get() ?? { differing: 1 };
	return differing === 0;
}

function unquoted(sql: string): string {
	return condensed(sql).replace(/["'`[\]]/g, "");
}

function condensed(sql: string): string {
	return sql.toLowerCase().replace(/\s+/g, "");
}
