export { default as sql, empty, join, raw, type Sql } from "sql-template-tag";
export type { Database, Reader, Writer } from "./database.ts";
export { isUniqueViolation } from "./sqlite/failures.ts";
export * from "./sqlite/lexicon.ts";
export { type OpenedDatabase, openSqlite, type SqliteOptions } from "./sqlite/open.ts";
export * from "./stores/documents.ts";
export * from "./stores/embeddings.ts";
export * from "./stores/state.ts";
export * from "./stores/vectors.ts";
