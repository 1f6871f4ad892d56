import type { OwnMigration } from "./migration.ts";

/** What is searched: documents, their words and their vectors. */
export const documents: OwnMigration = {
	name: "documents-lexicon-vectors",
	statements: [
		// What is searched: a memory, or a chunk of a long one. The number is never used twice, so that an index in
		// memory cannot mistake one for another, and belongs to one text, so that its vectors are never stale.
		`CREATE TABLE sgn_documents (
			doc INTEGER PRIMARY KEY AUTOINCREMENT,
			memory_id TEXT NOT NULL,
			chunk INTEGER NOT NULL,
			chunk_id TEXT,
			text_start INTEGER NOT NULL,
			text_end INTEGER NOT NULL,
			fingerprint INTEGER NOT NULL,
			embedding_hash TEXT,
			words TEXT NOT NULL,
			word_count INTEGER NOT NULL,
			words_from INTEGER NOT NULL,
			UNIQUE (memory_id, chunk)
		)`,
		"CREATE INDEX sgn_documents_chunk_id ON sgn_documents(chunk_id) WHERE chunk_id IS NOT NULL",
		// Memories whose documents are behind, the latest change last. Filled by triggers, so that it holds whoever
		// writes to the file.
		"CREATE TABLE sgn_changes (seq INTEGER PRIMARY KEY AUTOINCREMENT, memory_id TEXT NOT NULL UNIQUE)",
		`CREATE TRIGGER sgn_memory_inserted AFTER INSERT ON memories BEGIN
			DELETE FROM sgn_changes WHERE memory_id = new.id;
			INSERT INTO sgn_changes (memory_id) VALUES (new.id);
		END`,
		`CREATE TRIGGER sgn_memory_updated
		AFTER UPDATE OF id, content, tags, who, project, created_at, is_deleted ON memories BEGIN
			DELETE FROM sgn_changes WHERE memory_id IN (old.id, new.id);
			INSERT INTO sgn_changes (memory_id) SELECT old.id WHERE old.id <> new.id;
			INSERT INTO sgn_changes (memory_id) VALUES (new.id);
		END`,
		`CREATE TRIGGER sgn_memory_deleted AFTER DELETE ON memories BEGIN
			DELETE FROM sgn_changes WHERE memory_id = old.id;
			INSERT INTO sgn_changes (memory_id) VALUES (old.id);
		END`,
		"INSERT INTO sgn_changes (memory_id) SELECT id FROM memories ORDER BY created_at",
		// Which documents have a word. Our words, not SQLite's: tokenised, stemmed and split before they get here. It
		// keeps no text of its own: that stands in `sgn_documents`.
		`CREATE VIRTUAL TABLE sgn_lexicon USING fts5(
			words, content='', contentless_delete=1, detail=none,
			tokenize="ascii tokenchars '_.-/@:+#'''"
		)`,
		"CREATE VIRTUAL TABLE sgn_lexicon_terms USING fts5vocab(sgn_lexicon, row)",
		// Every document up to the number `complete_to` has a code of the model: no start needs to look there again.
		`CREATE TABLE sgn_models (
			id INTEGER PRIMARY KEY,
			name TEXT NOT NULL UNIQUE,
			dimensions INTEGER NOT NULL,
			complete_to INTEGER NOT NULL DEFAULT 0
		)`,
		// One byte for each number, scaled: a quarter of the size, and as good for comparing.
		`CREATE TABLE sgn_vectors (
			id INTEGER PRIMARY KEY,
			doc INTEGER NOT NULL,
			model INTEGER NOT NULL,
			vector BLOB NOT NULL,
			UNIQUE (doc, model)
		)`,
		`CREATE TABLE sgn_codes (
			doc INTEGER NOT NULL,
			model INTEGER NOT NULL,
			code BLOB NOT NULL,
			PRIMARY KEY (doc, model)
		) WITHOUT ROWID`,
		`CREATE TRIGGER sgn_document_deleted AFTER DELETE ON sgn_documents BEGIN
			DELETE FROM sgn_lexicon WHERE rowid = old.doc;
			DELETE FROM sgn_vectors WHERE doc = old.doc;
			DELETE FROM sgn_codes WHERE doc = old.doc;
		END`,
		// Who sends a request twice with the same key wants the first answer again.
		`CREATE TABLE sgn_requests (
			key TEXT PRIMARY KEY,
			content_hash TEXT NOT NULL,
			memory_id TEXT NOT NULL,
			created_at TEXT NOT NULL
		) WITHOUT ROWID`,
		"CREATE TABLE sgn_state (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
	],
};
