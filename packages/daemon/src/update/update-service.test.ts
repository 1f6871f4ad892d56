import { describe, expect, test } from "bun:test";
import { parseSettings } from "@signet/core";
import { seededWorld } from "@signet/core/testing";
import type { Release } from "./registry.ts";
import { UpdateProblem } from "./update-problem.ts";
import { UpdateService } from "./update-service.ts";

const HOUR_MS = 3_600_000;
const START = Date.UTC(2026, 0, 1);

interface Given {
	readonly settings?: string;
	readonly newest?: string;
	readonly ageHours?: number;
	readonly failure?: string;
	readonly isPersisted?: boolean;
}

function service({ settings = "", newest = "1.1.0", ageHours = 100, failure, isPersisted = true }: Given = {}) {
	const world = seededWorld({ startMs: START });
	const told = { looks: 0, staged: [] as string[], applied: 0, persisted: [] as object[] };
	let text = settings;
	let release: Release | Error = {
		version: newest,
		publishedAt: new Date(START - ageHours * HOUR_MS).toISOString(),
		tarball: "https://registry.test/x.tgz",
		integrity: "sha512-x",
	};
	let staged: string | undefined;
	const updates = new UpdateService({
		version: "1.0.0",
		world,
		registry: {
			async newest() {
				told.looks++;
				if (release instanceof Error) throw release;
				return release;
			},
		},
		installer: {
			staged: () => staged,
			async stage(version) {
				if (failure !== undefined) throw new UpdateProblem(failure);
				told.staged.push(version);
				staged = version;
				return "done";
			},
			beginApplying: () => void told.applied++,
		},
		settings: () => parseSettings(text),
		async persist(wanted) {
			told.persisted.push(wanted);
			if (isPersisted)
				text = `updates:\n${Object.entries(wanted)
					.map(([name, value]) => `  ${name}: ${value}\n`)
					.join("")}`;
			return isPersisted;
		},
		logger: { info: () => undefined, warn: () => undefined },
	});
	return {
		updates,
		world,
		told,
		fail: (message: string) => {
			release = new UpdateProblem(message);
		},
	};
}

const ON = "updates:\n  auto_install: true\n  check_interval: 3600\n";

describe("looking", () => {
	test("is done when somebody asks, and what was found holds for an hour", async () => {
		const { updates, told, world } = service();
		updates.follow();
		await world.advance(30 * 24 * HOUR_MS);
		expect(told.looks).toBe(0);
		expect(updates.state).toMatchObject({ latestVersion: null, lastCheckAt: null, timerActive: false });
		const first = await updates.check(false);
		expect(first).toMatchObject({
			latestVersion: "1.1.0",
			updateAvailable: true,
			isMajorUpgrade: false,
			cached: false,
		});
		expect(await updates.check(false)).toMatchObject({ cached: true, checkedAt: first.checkedAt });
		expect((await updates.check(true)).cached).toBe(false);
		await world.advance(HOUR_MS);
		expect((await updates.check(false)).cached).toBe(false);
		expect(told.looks).toBe(3);
	});

	test("that fails says why and what to do, and is no reason to install anything", async () => {
		const { updates, told, fail } = service();
		fail("The registry https://registry.test could not be asked: it answered 429");
		expect(await updates.check(true)).toMatchObject({
			latestVersion: null,
			updateAvailable: false,
			checkError: expect.stringContaining("try again in an hour"),
		});
		expect(await updates.install()).toMatchObject({ success: false });
		expect(told.staged).toEqual([]);
	});
});

describe("installing what somebody asks for", () => {
	test("takes the newest, says what is left to do, and says so again", async () => {
		const { updates, told } = service();
		expect(await updates.install()).toMatchObject({ success: true, installedVersion: "1.1.0", restartRequired: true });
		expect(updates.state).toMatchObject({ pendingRestart: "1.1.0" });
		expect(await updates.check(true)).toMatchObject({
			updateAvailable: false,
			restartRequired: true,
			pendingVersion: "1.1.0",
		});
		expect(await updates.install()).toMatchObject({ success: true, restartRequired: true });
		expect(told).toMatchObject({ staged: ["1.1.0"], applied: 0 });
	});

	test("does nothing where this is the newest", async () => {
		const { updates } = service({ newest: "1.0.0" });
		expect(await updates.install()).toEqual({
			success: true,
			message: "Already running the latest version.",
			restartRequired: false,
			installedVersion: "1.0.0",
		});
	});

	test.each(["1.0.0", "0.9.9", "1.0.0-rc.1", "latest", "^1.2.0", "1.2.0; rm -rf /", "../x", "--help", "1.1.0 "])(
		"refuses %p",
		async (version) => {
			const { updates, told } = service();
			expect(await updates.install(version)).toMatchObject({ success: false });
			expect(told.staged).toEqual([]);
		},
	);

	test("is done once at a time, and a failure is told", async () => {
		const { updates } = service();
		const first = updates.install("1.1.0");
		expect(await updates.install("1.1.0")).toEqual({ success: false, message: "Update already in progress" });
		expect(await first).toMatchObject({ success: true });
		const failing = service({ failure: "EACCES: permission denied" });
		expect((await failing.updates.install("1.1.0")).message).toContain("This user may not write there");
	});
});

describe("by itself", () => {
	test("it looks when that is wanted, installs, and has another process take over", async () => {
		const { updates, world, told } = service({ settings: ON });
		updates.follow();
		expect(updates.state.timerActive).toBe(true);
		await world.advance(60_000);
		expect(told).toMatchObject({ looks: 1, staged: ["1.1.0"], applied: 1 });
		expect(updates.history).toMatchObject({ lastAutoUpdateError: null, updateInProgress: false });
		expect(updates.history.lastAutoUpdateAt).toStartWith("2026-01-01T00:00:1");
	});

	test("it leaves alone what is too young, and takes it when it is not any more", async () => {
		const { updates, world, told } = service({ settings: ON, ageHours: 1 });
		updates.follow();
		await world.advance(46 * HOUR_MS);
		expect(told.staged).toEqual([]);
		await world.advance(2 * HOUR_MS);
		expect(told.staged).toEqual(["1.1.0"]);
	});

	test.each(["2.0.0", "10.0.0"])("it takes no step to %s", async (newest) => {
		const { updates, world, told } = service({ settings: ON, newest });
		updates.follow();
		await world.advance(60_000);
		expect(told.staged).toEqual([]);
		expect(updates.history.lastAutoUpdateError).toBe("Major version upgrade requires manual install");
	});

	test("it goes on after a failure, and tells it until it is over", async () => {
		const { updates, world, told, fail } = service({ settings: ON });
		fail("The registry could not be asked: no answer within 10000 ms");
		updates.follow();
		await world.advance(60_000);
		expect(updates.history.lastAutoUpdateError).toContain("too long");
		await world.advance(3 * HOUR_MS);
		expect(told.looks).toBe(4);
		updates.stop();
		await world.advance(10 * HOUR_MS);
		expect(told.looks).toBe(4);
		expect(world.pendingTimers).toBe(0);
	});
});

test("what is changed holds at once, also where it cannot be written", async () => {
	const { updates, told } = service();
	expect(await updates.configure({ auto_install: true, check_interval: 600 })).toBe(true);
	expect(updates.state).toMatchObject({ autoInstall: true, checkInterval: 600, timerActive: true });
	expect(await updates.configure({ auto_install: false })).toBe(true);
	expect(updates.state.timerActive).toBe(false);
	expect(told.persisted).toHaveLength(2);
	const unwritable = service({ isPersisted: false });
	expect(await unwritable.updates.configure({ check_interval: 900 })).toBe(false);
	expect(unwritable.updates.settings.check_interval).toBe(900);
});
