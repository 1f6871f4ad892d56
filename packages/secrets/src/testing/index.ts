export { CHEAP, machineOf, type TemporaryVault, temporaryVault } from "./temporary-vault.ts";
