export { type DiskFailure, withFailingStatement } from "./failing-statements.ts";
export { newMemory } from "./new-memory.ts";
export { OLD_FILES, type OldFile, writeOldFile } from "./old-files/index.ts";
export * from "./temporary-database.ts";
