import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "./program.ts";

/** `file`: name of a test, at the end of a row. */
const REFERENCE = /^\|.*\| `([\w/.-]+\.test\.ts)`: (.+?) +\|$/gm;

test("each row of the security page names a test that is there and runs by that name", () => {
	const page = readFileSync(join(repository, "docs", "security.md"), "utf8");
	const references = [...page.matchAll(REFERENCE)].map(([, file = "", name = ""]) => ({ file, name }));
	const rows = page.split("\n").filter((line) => /^\|.*\.test\.ts/.test(line));
	expect(references).toHaveLength(rows.length);
	expect(rows.length).toBeGreaterThanOrEqual(40);
	const missing = references.filter(({ file, name }) => {
		const path = join(repository, file);
		return !existsSync(path) || !readFileSync(path, "utf8").includes(name);
	});
	expect(missing).toEqual([]);
	// `-t` takes a pattern, and what a name has for a row of its table is not in the name of the test that runs.
	expect(references.filter(({ name }) => /[$%\\^()[\]{}*+?|]/.test(name))).toEqual([]);
});
