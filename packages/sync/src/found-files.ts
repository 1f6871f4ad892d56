import { type Dirent, promises as fs } from "node:fs";
import { basename, extname, join } from "node:path";

/** A file whose text is remembered. */
export interface FoundFile {
	/** Absolute. */
	readonly path: string;
	/** The place in which it was found, and the names that lead to it from there. */
	readonly place: string;
	readonly names: readonly string[];
	/** Notes in the workspace, or what Claude Code keeps of a project. */
	readonly kind: "notes" | "project";
	/** The file's name without its ending, or the folder of the project. */
	readonly name: string;
	/** Milliseconds since 1970, with fractions. */
	readonly mtimeMs: number;
	/** Bytes. */
	readonly size: number;
}

export interface Places {
	/** `memory/` of the workspace. */
	readonly notes: string;
	/** `.claude/projects` in the home folder; undefined where there is no home. */
	readonly projects: string | undefined;
}

export interface Found {
	readonly files: readonly FoundFile[];
	/** Files and folders of which nobody can say what is there now. */
	readonly unread: readonly string[];
}

/** More than these are left alone: somebody has put an archive there. */
export const MAX_FILES = 5_000;
const MAX_DEPTH = 8;

const PROJECT_MEMORY = "MEMORY.md";
/** What the workspace's own programs write there: the digest of memory, copies of it, templates. */
const NOT_NOTES = /^(.*MEMORY|[Mm]emory|(MEMORY|[Mm]emory)\..*|TEMPLATE.*|template.*)\.md$/;
/** Folders of programs. */
const NOT_FOLDERS = new Set(["scripts", "node_modules"]);

interface Finding {
	readonly files: FoundFile[];
	readonly unread: string[];
}

/** The files there are now, at most `MAX_FILES`. Links are not followed; what cannot be read is left out. */
export async function findFiles({ notes, projects }: Places): Promise<Found> {
	const found: Finding = { files: [], unread: [] };
	await addNotes(notes, [], found);
	for (const project of projects === undefined ? [] : await entriesOf(projects, found, true)) {
		if (!project.isDirectory()) continue;
		await add(found, projects ?? "", [project.name, "memory", PROJECT_MEMORY], "project", project.name);
	}
	return found;
}

async function addNotes(place: string, folders: readonly string[], found: Finding): Promise<void> {
	for (const entry of await entriesOf(join(place, ...folders), found, folders.length === 0)) {
		const names = [...folders, entry.name];
		if (entry.name.startsWith(".")) continue;
		if (entry.isDirectory()) {
			if (folders.length < MAX_DEPTH && !NOT_FOLDERS.has(entry.name)) await addNotes(place, names, found);
		} else if (entry.isFile() && extname(entry.name) === ".md" && !NOT_NOTES.test(entry.name)) {
			await add(found, place, names, "notes", basename(entry.name, ".md"));
		}
	}
}

async function add(
	found: Finding,
	place: string,
	names: readonly string[],
	kind: FoundFile["kind"],
	name: string,
): Promise<void> {
	if (found.files.length >= MAX_FILES) return;
	const path = join(place, ...names);
	try {
		const stats = await fs.lstat(path);
		if (!stats.isFile()) return;
		const { mtimeMs, size } = stats;
		found.files.push({ path, place, names, kind, name, mtimeMs, size });
	} catch (error) {
		if (!isAbsent(error)) found.unread.push(path);
	}
}

/** What is in a folder. That a `place` itself is not there says nothing of its files: its disk may not be mounted. */
async function entriesOf(folder: string, { unread }: Finding, isPlace: boolean): Promise<Dirent[]> {
	try {
		const entries = await fs.readdir(folder, { withFileTypes: true });
		return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
	} catch (error) {
		if (isPlace || !isAbsent(error)) unread.push(folder);
		return [];
	}
}

function isAbsent(error: unknown): boolean {
	return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
}
