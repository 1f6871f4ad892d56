import { lstatSync, type Stats, statSync } from "node:fs";

/** Something that stands where a configuration is looked for. */
export interface FoundConfigFile {
	readonly path: string;
	readonly stats: Stats;
}

/**
 * The configuration of a workspace: the first of the candidates that is a file. Where none is, it may be something that
 * cannot be read, such as a link to nowhere: as if there were nothing, what its author did not mean would hold.
 */
export function findConfigFile(candidates: readonly string[]): FoundConfigFile | undefined {
	let first: FoundConfigFile | undefined;
	for (const path of candidates) {
		const stats = statsOf(path);
		if (stats?.isFile()) return { path, stats };
		if (stats) first ??= { path, stats };
	}
	return first;
}

/** Of a link to nowhere its own; undefined for what is not there or cannot be looked at. */
function statsOf(path: string): Stats | undefined {
	try {
		return statSync(path, { throwIfNoEntry: false }) ?? lstatSync(path, { throwIfNoEntry: false });
	} catch {
		return undefined;
	}
}
