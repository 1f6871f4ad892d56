import { describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";
import { contractFolder } from "./program.ts";
import { type Recording, recordings, replay, starts } from "./recordings.ts";

/**
 * Every recorded exchange is replayed. What is not built yet stands in `expected-failures.json` by file and step; a step
 * that stands there and passes fails the test, so the list only gets shorter. "*" stands for a recording whose
 * configuration the program refuses to start with.
 *
 * After building something: `UPDATE_EXPECTED_FAILURES=1 bun test tests/src/contract.test.ts` writes the list anew. Look
 * at what it added: nothing should be.
 */
const listFile = join(contractFolder, "expected-failures.json");
const expectedFailures = z.record(z.string(), z.array(z.string())).parse(JSON.parse(readFileSync(listFile, "utf8")));
const isUpdating = Boolean(process.env.UPDATE_EXPECTED_FAILURES);
const TIMEOUT_MS = 60_000;
const AT_ONCE = 3;

const all = recordings();
const found: Record<string, string[]> = {};

describe.concurrent("recorded exchanges", () => {
	const queue = limitedTo(AT_ONCE);
	for (const recording of all) {
		test(recording.content.name, () => queue(() => check(recording)), TIMEOUT_MS);
	}
});

test("no recording is expected that is not there", () => {
	const files = new Set(all.map(({ file }) => file));
	expect(Object.keys(expectedFailures).filter((file) => !files.has(file))).toEqual([]);
	if (isUpdating) writeFileSync(listFile, `${JSON.stringify(sorted(found), null, "\t")}\n`);
});

/** Marks a step of the list that passes now and then. */
const UNDECIDED = "~ ";

async function check(recording: Recording): Promise<void> {
	const listed = expectedFailures[recording.file] ?? [];
	// What the daemon does by itself in the background may be done in time, or not.
	const undecided = listed.filter((step) => step.startsWith(UNDECIDED)).map((step) => step.slice(UNDECIDED.length));
	const expected = listed.map((step) => (step.startsWith(UNDECIDED) ? step.slice(UNDECIDED.length) : step));
	if (expected.includes("*") || isUpdating) {
		const isStarting = await starts(recording);
		if (!isStarting) {
			found[recording.file] = ["*"];
			if (!isUpdating) expect(expected).toEqual(["*"]);
			return;
		}
		if (!isUpdating) throw new Error(`the program starts with ${recording.file} now: take its "*" off the list`);
	}
	const { failures } = await replay(
		recording,
		new Set(isUpdating ? all.flatMap(({ content }) => content.steps.map(({ name }) => name)) : expected),
	);
	const names = [...failures.keys()].filter((step) => !undecided.includes(step));
	const kept = undecided.map((step) => UNDECIDED + step);
	if (names.length + kept.length > 0) found[recording.file] = [...names, ...kept];
	if (isUpdating) return;
	const unexpected = [...failures].filter(([step]) => !expected.includes(step)).map(([step, why]) => `${step}: ${why}`);
	const passing = expected
		.filter((step) => !failures.has(step) && !undecided.includes(step))
		.map((step) => `${step}: passes now, take it off the list`);
	expect([...unexpected, ...passing]).toEqual([]);
}

/** Runs at most `limit` works at a time. */
function limitedTo(limit: number): <T>(work: () => Promise<T>) => Promise<T> {
	let running = 0;
	const waiting: (() => void)[] = [];
	return async (work) => {
		if (running >= limit) await new Promise<void>((resolve) => waiting.push(resolve));
		running++;
		try {
			return await work();
		} finally {
			running--;
			waiting.shift()?.();
		}
	};
}

function sorted(lists: Record<string, string[]>): Record<string, string[]> {
	return Object.fromEntries(Object.entries(lists).sort(([a], [b]) => a.localeCompare(b)));
}
