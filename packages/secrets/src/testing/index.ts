export * from "./memory-vault.ts";
export { CHEAP, machineOf, type TemporaryVault, temporaryVault } from "./temporary-vault.ts";
