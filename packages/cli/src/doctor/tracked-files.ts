import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { WorkspacePaths } from "@signet/core";
import { realWorld } from "@signet/core/world";
import { plural } from "../terminal.ts";
import type { Finding } from "./finding.ts";

const check = "git";
/** What must not leave this machine: values under a key that is known here, and whole copies of the memory. */
const PRIVATE = [".secrets", ".daemon", "memory/memories.db*", "*.bak-v*", "memories.db.bak*"];
const MAX_SHOWN = 5;
const PATIENCE_MS = 10_000;

/** Whether private files are among those that git keeps, and would push. */
export async function checkTrackedFiles({ root }: WorkspacePaths): Promise<Finding[]> {
	if (!existsSync(root) || !isInRepository(root)) return [];
	const git = Bun.which("git");
	if (!git) return [{ check, status: "warn", message: "git is not installed, so what it keeps cannot be looked at" }];
	const listing = await output([git, "-C", root, "ls-files", "-z", "--", ...PRIVATE]);
	if (listing === undefined) {
		return [
			{ check, status: "warn", message: `git cannot list what it keeps of ${root}`, advice: `git -C ${root} status` },
		];
	}
	const files = listing.split("\0").filter((name) => name !== "");
	if (files.length === 0) return [{ check, status: "ok", message: "keeps nothing private" }];
	const names = files.slice(0, MAX_SHOWN).map((name) => `  ${name}`);
	if (files.length > names.length) names.push(`  and ${files.length - names.length} more`);
	return [
		{
			check,
			status: "fail",
			message: `git keeps ${plural(files.length, "private file", "private files")}, and pushes ${files.length === 1 ? "it" : "them"} where it pushes:\n${names.join("\n")}`,
			advice: [
				`git -C ${root} rm -r --cached --quiet -- ${[...new Set(files.map(topOf))].join(" ")}`,
				"and commit. If it was pushed, change the secrets: earlier commits keep them.",
			].join("\n"),
		},
	];
}

/** Whether a folder is a repository, or in one: that of somebody's whole home, say. */
function isInRepository(folder: string): boolean {
	if (existsSync(join(folder, ".git"))) return true;
	const above = dirname(folder);
	return above !== folder && isInRepository(above);
}

/** The private folder that a file is in, or itself. */
function topOf(name: string): string {
	const [first = ""] = name.split("/");
	return first.startsWith(".") ? first : `'${name}'`;
}

/** What a command prints; undefined when it fails or takes too long. */
function output(command: readonly string[]): Promise<string | undefined> {
	const { promise, resolve } = Promise.withResolvers<string | undefined>();
	const parts: Uint8Array[] = [];
	const { HOME, PATH } = process.env;
	realWorld.processes.startPiped(command, {
		env: { HOME, PATH, GIT_OPTIONAL_LOCKS: "0" },
		onOutput: (bytes) => void parts.push(bytes),
		onExit: ({ exitCode }) => resolve(exitCode === 0 ? Buffer.concat(parts).toString() : undefined),
	});
	// The other process keeps none of ours alive; waiting does.
	return Promise.race([promise, realWorld.timers.sleep(PATIENCE_MS).then(() => undefined)]);
}
