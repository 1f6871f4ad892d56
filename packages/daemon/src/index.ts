export { type DaemonOptions, type RunningDaemon, startDaemon } from "./daemon.ts";
export type { SecretVault } from "./secrets/secret-vault.ts";
