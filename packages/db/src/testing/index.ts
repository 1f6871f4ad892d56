export { newMemory } from "./new-memory.ts";
export * from "./temporary-database.ts";
