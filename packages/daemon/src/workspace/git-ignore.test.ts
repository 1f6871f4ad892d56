import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { temporaryDaemon } from "../testing/temporary-daemon.ts";
import { ignoreInGit } from "./git-ignore.ts";

let root: string;
const file = () => join(root, ".gitignore");
const read = () => readFileSync(file(), "utf8");
const ALL = [".secrets/", ".daemon/", "*.bak-v*", "memory/memories.db*"];

beforeEach(() => {
	root = mkdtempSync(join(tmpdir(), "signet-ignore-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test("a workspace without a file gets one, once", () => {
	expect(ignoreInGit(root).added).toEqual(ALL);
	const text = read();
	expect(text.split("\n").slice(1, -1)).toEqual(ALL);
	expect(ignoreInGit(root).added).toEqual([]);
	expect(read()).toBe(text);
});

test("what is in a file stays as it is, and what is missing comes after it", () => {
	const before = "# mine\r\n.venv/\r\n/.daemon\r\n*.pyc";
	writeFileSync(file(), before);
	expect(ignoreInGit(root).added).toEqual([".secrets/", "*.bak-v*", "memory/memories.db*"]);
	expect(read()).toStartWith(`${before}\r\n\r\n`);
	expect(read()).not.toMatch(/[^\r]\n/);
});

test("what is let in again further down is kept out again", () => {
	writeFileSync(file(), `${ALL.join("\n")}\n!.secrets\n`);
	expect(ignoreInGit(root).added).toEqual([".secrets/"]);
	expect(ignoreInGit(root).added).toEqual([]);
});

test("a link is not written through", () => {
	const elsewhere = join(root, "elsewhere");
	writeFileSync(elsewhere, "theirs\n");
	symlinkSync(elsewhere, file());
	expect(ignoreInGit(root)).toEqual({ added: [], missing: { lines: ALL, why: ".gitignore is no file" } });
	expect(readFileSync(elsewhere, "utf8")).toBe("theirs\n");
});

test.skipIf(!Bun.which("git"))(
	"a repository that begins after the daemon sees neither secrets nor memories",
	async () => {
		await using daemon = await temporaryDaemon(undefined, { root });
		await daemon.send("POST", "/api/secrets/A", { value: "a" });
		Bun.spawnSync(["git", "init", "-q", root]);
		writeFileSync(join(root, "memory", "memories.db.bak-v15-1"), "");
		const { stdout } = Bun.spawnSync(["git", "-C", root, "status", "--porcelain", "--untracked-files=all"]);
		expect(stdout.toString().trim().split("\n").sort()).toEqual(["?? .gitignore", "?? agent.yaml"]);
		expect(daemon.log).toContainEqual(expect.objectContaining({ category: "git", data: { lines: ALL } }));
	},
);
