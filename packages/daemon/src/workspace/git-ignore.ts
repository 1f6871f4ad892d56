import { lstatSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeDurably } from "./runtime-files.ts";

/** What must not leave the machine with a commit. */
const KEPT_HERE = [".secrets/", ".daemon/", "*.bak-v*", "memory/memories.db*"];
const HEADING = "# Signet: not to leave this machine";

/** What came of keeping a workspace's files out of git. */
export interface GitIgnored {
	/** Lines that were added to `.gitignore`. */
	readonly added: readonly string[];
	/** Lines that it lacks, and why they could not be added. */
	readonly missing?: { readonly lines: readonly string[]; readonly why: string };
}

/**
 * Add to the `.gitignore` of a workspace what is not in it yet; all else in it stays as it is. It is made before there is a
 * repository: one that begins tomorrow, or that a folder further up belongs to, is to find it there. Throws when it cannot
 * be read or written.
 */
export function ignoreInGit(root: string): GitIgnored {
	const file = join(root, ".gitignore");
	const stats = lstatSync(file, { throwIfNoEntry: false });
	if (stats && !stats.isFile()) {
		// Whatever a link leads to is not ours to change; git itself does not follow one here.
		return { added: [], missing: { lines: KEPT_HERE, why: ".gitignore is no file" } };
	}
	const before = stats ? readFileSync(file, "utf8") : "";
	const added = missingIn(before);
	if (added.length === 0) return { added };
	const end = before.includes("\r\n") ? "\r\n" : "\n";
	const gap = before === "" ? "" : before.endsWith("\n") ? end : end + end;
	writeDurably(file, `${before}${gap}${[HEADING, ...added].join(end)}${end}`);
	return { added };
}

/** The last line that speaks of a path is the one that counts. */
function missingIn(text: string): string[] {
	const lines = text.split(/\r?\n/).map((line) => line.trim());
	return KEPT_HERE.filter((wanted) => {
		const plain = plainly(wanted);
		const last = lines.findLast((line) => plainly(line.replace(/^!/, "")) === plain);
		return last === undefined || last.startsWith("!");
	});
}

/** The same path is also written with a slash before it, or without one at its end. */
function plainly(line: string): string {
	return line.replace(/^\//, "").replace(/\/$/, "");
}
