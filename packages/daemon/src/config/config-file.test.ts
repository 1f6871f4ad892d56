import { describe, expect, test } from "bun:test";
import { mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seededWorld } from "@signet/core/testing";
import { ConfigFile } from "./config-file.ts";

const MTIME = new Date("2026-02-01T12:00:00.000Z");
/** Stands still: every look is within the tick of the change. */
const CLOCK = seededWorld({ startMs: MTIME.getTime() }).clock;

function refuseWarnings(warnings: readonly string[]): never {
	throw new Error(`no warning was expected: ${warnings.join(", ")}`);
}

function temporaryFile(): { path: string; remove: () => void } {
	const folder = mkdtempSync(join(tmpdir(), "signet-config-"));
	return { path: join(folder, "agent.yaml"), remove: () => rmSync(folder, { recursive: true }) };
}

/** As a file system does that stamps every change within one tick alike. */
function write(path: string, text: string): void {
	writeFileSync(path, text);
	utimesSync(path, MTIME, MTIME);
}

test("two changes within one tick of the file system are both seen", () => {
	const { path, remove } = temporaryFile();
	const config = new ConfigFile([path], CLOCK, {}, refuseWarnings);
	write(path, "search:\n  top_k: 33\n");
	expect(config.refresh().search.top_k).toBe(33);
	write(path, "search:\n  top_k: 44\n");
	expect(config.refresh().search.top_k).toBe(44);
	remove();
});

test("settings stay the same object while the file stays as it is, however young", () => {
	const { path, remove } = temporaryFile();
	const config = new ConfigFile([path], CLOCK, {}, refuseWarnings);
	write(path, "search:\n  top_k: 33\n");
	expect(config.refresh()).toBe(config.refresh());
	remove();
});

test("a file that goes away leaves the defaults", () => {
	const { path, remove } = temporaryFile();
	const config = new ConfigFile([path], CLOCK, {}, refuseWarnings);
	const defaults = config.refresh().search.top_k;
	write(path, `search:\n  top_k: ${defaults + 1}\n`);
	expect(config.refresh().search.top_k).toBe(defaults + 1);
	renameSync(path, `${path}.away`);
	expect(config.refresh().search.top_k).toBe(defaults);
	remove();
});

test("what is wrong in a file is told once for each time it is written", () => {
	const { path, remove } = temporaryFile();
	const told: string[] = [];
	const config = new ConfigFile([path], CLOCK, {}, (warnings) => told.push(...warnings));
	write(path, "search:\n  profile: nonsense\n");
	config.refresh();
	config.refresh();
	expect(told).toHaveLength(1);
	remove();
});

describe("a file that is broken", () => {
	test("leaves the settings from before in force, and says where", () => {
		const { path, remove } = temporaryFile();
		const told: string[] = [];
		const config = new ConfigFile([path], CLOCK, {}, (warnings) => told.push(...warnings));
		write(path, "search:\n  top_k: 33\n");
		expect(config.refresh().search.top_k).toBe(33);
		expect(config.source).toEqual({ file: path, isInForce: true });
		write(path, "search:\n  top_k: 44\n  profile: 'refer\n");
		const kept = config.refresh();
		expect(kept.search.top_k).toBe(33);
		expect(kept.warnings).toEqual([
			"agent.yaml:3:12: not valid YAML (the quote that begins here does not end); the settings from before stay in force",
		]);
		expect(config.source).toEqual({ file: path, isInForce: false });
		expect(config.refresh()).toBe(kept);
		expect(told).toEqual([...kept.warnings]);
		write(path, "search:\n  top_k: 44\n");
		expect(config.refresh()).toMatchObject({ search: { top_k: 44 }, warnings: [] });
		expect(config.source.isInForce).toBe(true);
		remove();
	});

	test("is read line by line when there is nothing better, also after the next edit", () => {
		const { path, remove } = temporaryFile();
		const config = new ConfigFile([path], CLOCK, {}, () => undefined);
		write(path, 'agent:\n  name: "say "hi": x"\nsearch:\n  top_k: 33\n');
		expect(config.refresh()).toMatchObject({ agent: { name: 'say "hi": x' }, search: { top_k: 33 } });
		write(path, 'agent:\n  name: "say "hi": x"\nsearch:\n  top_k: 44\n');
		expect(config.refresh().search.top_k).toBe(44);
		expect(config.refresh().warnings[0]).toStartWith("agent.yaml:2:9: not valid YAML");
		expect(config.source.isInForce).toBe(true);
		remove();
	});

	test("because an editor has emptied it, and is about to write it, changes nothing", () => {
		const { path, remove } = temporaryFile();
		const world = seededWorld({ startMs: MTIME.getTime() });
		const config = new ConfigFile([path], world.clock, {}, refuseWarnings);
		write(path, "search:\n  top_k: 33\n");
		config.refresh();
		write(path, "");
		expect(config.refresh().search.top_k).toBe(33);
		write(path, "search:\n  top_k: 44\n");
		expect(config.refresh().search.top_k).toBe(44);
		remove();
	});

	test("and larger than any configuration is left alone", () => {
		const { path, remove } = temporaryFile();
		const told: string[] = [];
		const config = new ConfigFile([path], CLOCK, {}, (warnings) => told.push(...warnings));
		write(path, "search:\n  top_k: 33\n");
		config.refresh();
		write(path, `# ${"x".repeat(1024 * 1024)}\nsearch:\n  top_k: 44\n`);
		expect(config.refresh().search.top_k).toBe(33);
		expect(told[0]).toContain("at most 1048576 are read");
		remove();
	});
});
