export { default as sql, empty, join, raw, type Sql } from "sql-template-tag";
export type { Database, Reader, Writer } from "./database.ts";
export { isUniqueViolation } from "./sqlite/failures.ts";
export { type OpenedDatabase, openSqlite, type SqliteOptions } from "./sqlite/open.ts";
