/** `npm test`: everything that must pass. With paths, only the tests in them. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { runChecks } from "./checks.ts";
import { add, finish, root, runSideBySide, runTests } from "./steps.ts";

/** Those that take longest, so that they begin first. */
const LONGEST = [
	"tests/src/contract.test.ts",
	"packages/daemon",
	"tests/src/browser.test.ts",
	"tests/src/fuzz.test.ts",
];

/** What is run in a process of its own: one of them for everything would collect garbage most of the time. */
function groups(): string[] {
	const packages = readdirSync(join(root, "packages")).map((name) => `packages/${name}`);
	const programs = readdirSync(join(root, "tests", "src")).filter((name) => name.endsWith(".test.ts"));
	const all = [...packages, ...programs.map((name) => `tests/src/${name}`)];
	return [...LONGEST, ...all.filter((group) => !LONGEST.includes(group))];
}

const paths = process.argv.slice(2);
finish(add(paths.length > 0 ? [await runTests(paths)] : [...(await runChecks()), ...(await runSideBySide(groups()))]));
