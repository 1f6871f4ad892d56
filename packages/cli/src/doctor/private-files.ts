import { chmodSync, type Dirent, lstatSync, readdirSync, type Stats } from "node:fs";
import { join } from "node:path";
import type { WorkspacePaths } from "@signet/core";
import { plural } from "../terminal.ts";
import type { Finding } from "./finding.ts";

const check = "private files";
/** Group and others: read, write, execute. */
const OTHERS = 0o077;
/** Folders of a workspace are shallow, and a loop of links is not followed anyway. */
const MAX_DEPTH = 4;
const MAX_SHOWN = 5;
/** What can be read by others is a leak, what can be written by them is theirs to command. */
const WRITABLE_BY_OTHERS = 0o022;

/**
 * Whether what must stay private is: secrets, the daemon's files, the database and the configuration, each of them ours,
 * for nobody else to read, and where it says it is.
 */
export function checkPrivateFiles(paths: WorkspacePaths): Finding[] {
	// Windows has no such modes: a profile's folder is private there.
	if (process.platform === "win32") return [];
	const found = [
		...within(paths.root, 0),
		...within(join(paths.root, ".secrets"), MAX_DEPTH),
		...within(paths.runtimeFolder, MAX_DEPTH),
		...within(paths.memoryFolder, 1),
		...paths.configFiles.flatMap((file) => within(file, 0)),
	];
	const links = found.filter(({ stats }) => stats.isSymbolicLink());
	const foreign = found.filter(({ stats }) => stats.uid !== process.getuid?.());
	const open = found.filter(({ stats }) => !stats.isSymbolicLink() && (stats.mode & OTHERS) !== 0);
	const findings: Finding[] = [];
	if (links.length > 0) {
		findings.push({
			check,
			status: "warn",
			message: `${plural(links.length, "file is a link", "files are links")} to somewhere else:\n${shown(links)}`,
			advice: "What is written there lands outside of the workspace. Put the files themselves in their place.",
		});
	}
	if (foreign.length > 0) {
		findings.push({
			check,
			status: "fail",
			message: `${plural(foreign.length, "file belongs", "files belong")} to another user:\n${shown(foreign)}`,
			advice: `sudo chown -R "$USER" ${paths.root}`,
		});
	}
	const ours = open.filter((one) => !foreign.includes(one));
	if (ours.length > 0) {
		const isWritable = ours.some(({ stats }) => (stats.mode & WRITABLE_BY_OTHERS) !== 0);
		findings.push({
			check,
			status: isWritable ? "fail" : "warn",
			message: `other users of this machine can ${isWritable ? "change" : "read"} ${plural(ours.length, "file", "files")}:\n${shown(ours)}`,
			advice: "`signet doctor --fix` takes that away from them.",
			mend: () => {
				for (const { path, stats } of ours) chmodSync(path, stats.mode & 0o700);
			},
		});
	}
	return findings.length > 0 ? findings : [{ check, status: "ok", message: "yours alone" }];
}

interface Place {
	readonly path: string;
	readonly stats: Stats;
}

/** A file or folder that is there, and what is in it down to some depth. Links are not followed. */
function within(path: string, depth: number): Place[] {
	const stats = statsOf(path);
	if (!stats) return [];
	const places = [{ path, stats }];
	if (depth === 0 || !stats.isDirectory()) return places;
	let entries: Dirent[];
	try {
		entries = readdirSync(path, { withFileTypes: true });
	} catch {
		// Not ours to look into: said of the folder itself.
		return places;
	}
	return [...places, ...entries.flatMap(({ name }) => within(join(path, name), depth - 1))];
}

function statsOf(path: string): Stats | undefined {
	try {
		return lstatSync(path, { throwIfNoEntry: false });
	} catch {
		// What it should be in is no folder, or none that we may look into: said elsewhere.
		return undefined;
	}
}

function shown(places: readonly Place[]): string {
	const names = places.slice(0, MAX_SHOWN).map(({ path }) => `  ${path}`);
	const more = places.length - names.length;
	return [...names, ...(more > 0 ? [`  and ${more} more`] : [])].join("\n");
}
