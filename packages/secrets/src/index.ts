export type { Exported, Imported } from "./bundle.ts";
export type { VaultCheck } from "./check.ts";
export * from "./guard/index.ts";
export type { KeySource } from "./key-source.ts";
export * from "./redaction/index.ts";
export type { NewKey, Rekeyed } from "./rekey.ts";
export * from "./run/index.ts";
export { SecretStore } from "./store.ts";
export { type KnownPassphrase, openVault, type VaultOptions } from "./vault.ts";
