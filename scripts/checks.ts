import { type Counts, npmProgram, runTests, succeeds } from "./steps.ts";

/** Format, lint, types, and which package may import what. */
export async function runChecks(): Promise<Counts[]> {
	const style = await succeeds([...npmProgram("biome"), "ci", "--colors=off", "."]);
	const types = await succeeds([...npmProgram("tsc"), "-p", "."]);
	return [asCounts(style), asCounts(types), await runTests(["tests/src/layering.test.ts"])];
}

function asCounts(isGood: boolean): Counts {
	return isGood ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}
