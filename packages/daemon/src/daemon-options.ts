import type { World } from "@signet/core";
import type { LogEntry } from "./logs/log-entry.ts";
import type { SecretVault } from "./secrets/secret-vault.ts";

/** What a daemon is started with. */
export interface DaemonOptions {
	/** The workspace. */
	readonly root: string;
	readonly host: string;
	/** 0 for any that is free. */
	readonly port: number;
	readonly env: Readonly<Record<string, string | undefined>>;
	readonly world: World;
	/** Starts this program as the process that runs a model; without it none can run on this machine. */
	readonly workerCommand?: readonly string[];
	/** Start even if that failed again and again lately. */
	readonly isForced?: boolean;
	/** This program as one file, where it is one, and the command that exchanges it by another version. */
	readonly program?: { readonly executable: string; readonly updateCommand: readonly string[] } | undefined;
	/** A vault in the place of the workspace's. */
	readonly vault?: SecretVault;
	/** Told of each entry of the log. */
	readonly onLogEntry?: (entry: LogEntry) => void;
}
