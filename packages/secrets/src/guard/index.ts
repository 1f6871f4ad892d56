export { type GuardedValues, VaultGuard, type VaultGuardOptions } from "./vault-guard.ts";
