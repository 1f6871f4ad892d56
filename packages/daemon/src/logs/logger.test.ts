import { afterAll, expect, spyOn, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isoTime } from "@signet/core";
import { seededWorld } from "@signet/core/testing";
import { Logger } from "./logger.ts";

const base = mkdtempSync(join(tmpdir(), "signet-logger-"));
afterAll(() => rmSync(base, { recursive: true }));

test("entries are appended to a file that is its owner's alone", () => {
	const folder = join(base, "logs");
	const world = seededWorld();
	const logger = new Logger(folder, world);
	logger.info("daemon", "one");
	logger.flush();
	logger.warn("daemon", "two");
	logger.flush();
	const file = join(folder, `signet-${isoTime(world.clock.now()).slice(0, 10)}.log`);
	const lines = readFileSync(file, "utf8").trim().split("\n");
	expect(lines.map((line) => JSON.parse(line).message)).toEqual(["one", "two"]);
	expect(statSync(file).mode & 0o777).toBe(0o600);
});

test("a link in the place of the file is not followed", () => {
	const folder = mkdtempSync(join(base, "linked-"));
	const world = seededWorld();
	const target = join(folder, "target");
	writeFileSync(target, "as it was");
	symlinkSync(target, join(folder, `signet-${isoTime(world.clock.now()).slice(0, 10)}.log`));
	const told = spyOn(console, "error").mockImplementation(() => undefined);
	const logger = new Logger(folder, world);
	logger.info("daemon", "one");
	logger.flush();
	expect(readFileSync(target, "utf8")).toBe("as it was");
	expect(told.mock.calls.flat().join()).toContain("the log cannot be written");
	told.mockRestore();
});
