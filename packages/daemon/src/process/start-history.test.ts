import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ExitCode, StartupError, type WorkspacePaths, workspacePaths } from "@signet/core";
import { type SeededWorld, seededWorld } from "@signet/core/testing";
import { StartHistory } from "./start-history.ts";

let paths: WorkspacePaths;
let world: SeededWorld;

beforeEach(() => {
	paths = workspacePaths(mkdtempSync(join(tmpdir(), "signet-starts-")));
	world = seededWorld();
	mkdirSync(paths.runtimeFolder);
});
afterEach(() => rmSync(paths.root, { recursive: true }));

const begin = (options: { version?: string; isForced?: boolean } = {}) =>
	StartHistory.begin({ paths, clock: world.clock, version: "1.0.0", isForced: false, ...options });

async function failTimes(times: number, error?: Error): Promise<void> {
	for (let n = 0; n < times; n++) {
		const start = begin();
		if (error) start.failed(error);
		await world.advance(1_000);
	}
}

function refusal(options?: Parameters<typeof begin>[0]): StartupError | undefined {
	try {
		begin(options);
		return undefined;
	} catch (error) {
		if (error instanceof StartupError) return error;
		throw error;
	}
}

describe("a daemon that fails five times in a row is not started again", () => {
	test("and the last failure is told", async () => {
		await failTimes(4, new Error("the first ones"));
		await failTimes(1, new Error("the database is a diary"));
		expect(refusal()?.exitCode).toBe(ExitCode.crashLoop);
		expect(refusal()?.message).toContain("5 times within 2 minutes");
		expect(refusal()?.message).toEndWith("The last time: the database is a diary");
	});

	test("even if it crashed without a word", async () => {
		await failTimes(5);
		expect(refusal()?.message).toContain("without a word");
	});

	test("unless it is forced", async () => {
		await failTimes(5);
		expect(refusal({ isForced: true })).toBeUndefined();
	});

	test("until two minutes have passed", async () => {
		await failTimes(5);
		await world.advance(110_000);
		expect(refusal()).toBeDefined();
		await world.advance(6_000);
		expect(refusal()).toBeUndefined();
	});

	test("until the program is another", async () => {
		await failTimes(5);
		for (let n = 0; n < 5; n++) expect(refusal({ version: "1.0.1" })).toBeUndefined();
		expect(refusal({ version: "1.0.1" })).toBeDefined();
	});

	test("until the configuration is another, or is no more", async () => {
		const [file = ""] = paths.configFiles;
		writeFileSync(file, "auth: {}\n");
		await failTimes(5);
		expect(refusal()).toBeDefined();
		writeFileSync(file, "auth: {}\nsearch: {}\n");
		await failTimes(5);
		expect(refusal()).toBeDefined();
		rmSync(file);
		expect(refusal()).toBeUndefined();
	});
});

test("one that serves has no history", async () => {
	await failTimes(4);
	begin().succeeded();
	expect(existsSync(paths.startsFile)).toBe(false);
	await failTimes(4);
	expect(refusal()).toBeUndefined();
});

test("a refusal for the sake of another process does not count", async () => {
	for (const exitCode of [ExitCode.ok, ExitCode.conflict, ExitCode.tryLater]) {
		await failTimes(6, new StartupError("taken", "wait", exitCode));
	}
	expect(refusal()).toBeUndefined();
});

test("its file is for its owner alone, and one that is damaged means nothing", () => {
	begin();
	expect(statSync(paths.startsFile).mode & 0o077).toBe(0);
	writeFileSync(paths.startsFile, "[{");
	expect(refusal()).toBeUndefined();
});
