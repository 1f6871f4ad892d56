import { type Stats, statSync } from "node:fs";

/** A file that is there. */
export interface FoundConfigFile {
	readonly path: string;
	readonly stats: Stats;
}

/** The configuration of a workspace: the first of the candidates that is a file. */
export function findConfigFile(candidates: readonly string[]): FoundConfigFile | undefined {
	for (const path of candidates) {
		const stats = statsOf(path);
		if (stats?.isFile()) return { path, stats };
	}
	return undefined;
}

/** Undefined for what is not there or cannot be looked at. */
function statsOf(path: string): Stats | undefined {
	try {
		return statSync(path, { throwIfNoEntry: false });
	} catch {
		return undefined;
	}
}
