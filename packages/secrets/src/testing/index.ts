export * from "./memory-vault.ts";
