export { type RunningDaemon, startDaemon } from "./daemon.ts";
export type { DaemonOptions } from "./daemon-options.ts";
export type { SecretVault } from "./secrets/secret-vault.ts";
