/** `npm run test:executable`: build the executable and run the whole-program tests against it. */
import { join } from "node:path";
import { add, type Counts, finish, root, runTests, succeeds } from "./steps.ts";

const PROGRAM_TESTS = ["command-line", "crash", "executable", "reference-workspace", "contract", "process", "service"];

async function testExecutable(): Promise<Counts[]> {
	if (!(await succeeds([process.execPath, join("scripts", "build.ts")]))) return [{ passed: 0, failed: 1 }];
	const executable = join(root, "dist", process.platform === "win32" ? "signet.exe" : "signet");
	const paths = PROGRAM_TESTS.map((name) => `tests/src/${name}.test.ts`);
	return [await runTests(paths, { SIGNET_PROGRAM: executable })];
}

finish(add(await testExecutable()));
