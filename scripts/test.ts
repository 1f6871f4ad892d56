/** `npm test`: everything that must pass, programs as the executable that is built for it. With paths, only the tests in them. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { runChecks } from "./checks.ts";
import { add, type Counts, finish, root, runSideBySide, runTests, succeeds } from "./steps.ts";

/** Those that take longest, so that they begin first. */
const LONGEST = [
	"tests/src/browser.test.ts",
	"packages/daemon",
	"tests/src/contract.test.ts",
	"packages/db",
	"tests/src/fuzz.test.ts",
	"tests/src/update.test.ts",
];

/** What is run in a process of its own: one of them for everything would collect garbage most of the time. */
function groups(): string[] {
	const packages = readdirSync(join(root, "packages")).map((name) => `packages/${name}`);
	const programs = readdirSync(join(root, "tests", "src")).filter((name) => name.endsWith(".test.ts"));
	const all = [...packages, ...programs.map((name) => `tests/src/${name}`)];
	return [...LONGEST, ...all.filter((group) => !LONGEST.includes(group))];
}

async function testEverything(): Promise<Counts[]> {
	const checks = await runChecks();
	if (!(await succeeds([process.execPath, join("scripts", "build.ts")]))) return [...checks, { passed: 0, failed: 1 }];
	const executable = join(root, "dist", process.platform === "win32" ? "signet.exe" : "signet");
	return [...checks, ...(await runSideBySide(groups(), { SIGNET_PROGRAM: executable }))];
}

const paths = process.argv.slice(2);
finish(add(paths.length > 0 ? [await runTests(paths)] : await testEverything()));
