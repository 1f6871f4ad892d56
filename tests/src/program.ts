import { join } from "node:path";

/** The root of the repository. */
export const repository = join(import.meta.dir, "..", "..");

/** Where recordings, fixtures and the replayer are. */
export const contractFolder = join(repository, "tests", "contract");

/**
 * The program under test: the built executable when `SIGNET_PROGRAM` names it, else the sources. Every test that starts
 * a process starts this.
 */
export const program: readonly string[] = process.env.SIGNET_PROGRAM
	? [process.env.SIGNET_PROGRAM]
	: [process.execPath, join(repository, "packages", "cli", "src", "main.ts")];
