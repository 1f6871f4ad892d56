import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { generateKeyPairSync } from "node:crypto";
import {
	chmodSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { realWorld } from "@signet/core/world";
import { MACHINE, type ReleaseRegistry, startReleaseRegistry } from "../testing/release-registry.ts";
import { applyStaged, type DaemonControl, rollBack } from "./apply-staged.ts";
import { InstalledProgram } from "./installed-program.ts";
import { packRelease } from "./pack-release.ts";
import { Registry } from "./registry.ts";
import { stageRelease, versionOf } from "./stage-release.ts";
import { UpdateProblem } from "./update-problem.ts";

const OLD = "1.0.0";
const NEW = "1.1.0";
/** As `signet` says its version. */
const programOf = (version: string) => `#!/bin/sh\n[ "$1" = --version ] && echo ${version}\n`;

let folder: string;
let executable: string;
let program: InstalledProgram;
let releases: ReleaseRegistry;
let registry: Registry;

beforeEach(async () => {
	folder = mkdtempSync(join(tmpdir(), "signet-update-"));
	executable = join(folder, "signet");
	writeFileSync(executable, programOf(OLD), { mode: 0o755 });
	program = new InstalledProgram(executable, OLD);
	releases = await startReleaseRegistry();
	const { platform, arch: architecture } = process;
	registry = new Registry({ world: realWorld, env: { SIGNET_UPDATE_URL: releases.url }, platform, architecture });
});
afterEach(async () => {
	await releases[Symbol.asyncDispose]();
	rmSync(folder, { recursive: true, force: true });
});

const publish = (version: string, more: Parameters<ReleaseRegistry["publish"]>[1] = {}) =>
	releases.publish(version, { executable: Buffer.from(programOf(version)), ...more });
const stage = async (version = NEW, keys = [releases.key]) =>
	stageRelease({ world: realWorld, registry, program, machine: MACHINE, keys }, await registry.release(version));
const problemOf = (work: Promise<unknown>) =>
	work.then(
		() => "none",
		(error: unknown) => (error instanceof UpdateProblem ? error.message : `not told: ${error}`),
	);
const runs = () => versionOf(realWorld, executable);

describe("a registry", () => {
	test("knows the newest version of each channel, and when it came out", async () => {
		await publish("1.2.0-rc.1", { channel: "next" });
		await publish(NEW, { publishedAt: "2026-11-01T00:00:00.000Z" });
		expect(await registry.newest("latest")).toMatchObject({ version: NEW, publishedAt: "2026-11-01T00:00:00.000Z" });
		expect(await registry.newest("next")).toMatchObject({ version: "1.2.0-rc.1", publishedAt: undefined });
	});

	test.each([
		[
			"that is not there",
			() => releases.lies.set(`/signetai-${MACHINE}`, () => new Response("", { status: 404 })),
			"it has no signetai",
		],
		[
			"that wants rest",
			() => releases.lies.set(`/signetai-${MACHINE}`, () => new Response("", { status: 429 })),
			"it answered 429",
		],
		[
			"that speaks otherwise",
			() => releases.lies.set(`/signetai-${MACHINE}`, () => new Response("<html>")),
			"could not be asked",
		],
		[
			"that says too little",
			() => releases.lies.set(`/signetai-${MACHINE}`, () => Response.json({})),
			"not understood",
		],
		["without a digest", () => publish(NEW, { integrity: undefined }), "without a SHA-512"],
		["with a weak digest", () => publish(NEW, { integrity: "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=" }), "without a SHA-512"],
		["whose newest is no version", () => publish("../../evil"), "There is no version"],
		[
			"that sends us on into this machine",
			() => releases.lies.set(`/signetai-${MACHINE}`, () => Response.redirect("http://localhost:1/")),
			"is not asked",
		],
	])("%s is said to be so", async (_, prepare, problem) => {
		await prepare();
		expect(await problemOf(registry.newest("latest"))).toContain(problem);
	});
});

describe.if(process.platform !== "win32")("a release", () => {
	test("is verified and lies beside the program, which stays as it is", async () => {
		await publish(NEW);
		await stage();
		expect(await runs()).toBe(OLD);
		expect(program.record()).toMatchObject({ staged: { version: NEW } });
		expect(readFileSync(program.stagedFile, "utf8")).toBe(programOf(NEW));
		expect(statSync(program.stagedFile).mode & 0o777).toBe(0o755);
		const asked = releases.asked.length;
		await stage();
		// Only which one it is.
		expect(releases.asked.slice(asked)).toEqual([`/signetai-${MACHINE}`]);
	});

	const nothing = () => {
		expect(readdirSync(folder).filter((name) => /next|previous/.test(name))).toEqual([]);
		expect(readFileSync(executable, "utf8")).toBe(programOf(OLD));
	};

	test.each([
		[
			"other bytes than the registry says",
			() => publish(NEW, { integrity: `sha512-${"A".repeat(86)}==` }),
			"is not what the registry says",
		],
		["no package", () => publish(NEW, { tarball: Buffer.from("no package") }), "cannot be unpacked"],
		["a bomb", () => publish(NEW, { tarball: gzipSync(Buffer.alloc(700 * 1024 * 1024)) }), "holds more than it may"],
		[
			"an empty package",
			async () => publish(NEW, { tarball: await new Bun.Archive({}, { compress: "gzip" }).bytes() }),
			"not signed",
		],
		[
			"what others signed",
			async () => {
				const { privateKey } = generateKeyPairSync("ed25519");
				const executable = Buffer.from(programOf(NEW));
				await publish(NEW, { tarball: await packRelease({ version: NEW, machine: MACHINE, executable, privateKey }) });
			},
			"not signed by the makers",
		],
		[
			"an executable that is not the signed one",
			async () => {
				const { privateKey } = releases;
				const good = await packRelease({ version: NEW, machine: MACHINE, executable: Buffer.from("good"), privateKey });
				const files: Record<string, Uint8Array> = {};
				for (const [name, file] of await new Bun.Archive(good).files()) files[name] = await file.bytes();
				files["package/bin/signet"] = Buffer.from("evil");
				await publish(NEW, { tarball: await new Bun.Archive(files, { compress: "gzip" }).bytes() });
			},
			"is not the one that was signed",
		],
		[
			"an older version under a new number",
			async () => {
				const { privateKey } = releases;
				const executable = Buffer.from(programOf("0.1.0"));
				await publish(NEW, {
					tarball: await packRelease({ version: "0.1.0", machine: MACHINE, executable, privateKey }),
				});
			},
			"is another version",
		],
		[
			"one for other machines",
			async () => {
				const { privateKey } = releases;
				const executable = Buffer.from(programOf(NEW));
				await publish(NEW, {
					tarball: await packRelease({ version: NEW, machine: "plan9-mips", executable, privateKey }),
				});
			},
			"for other machines",
		],
		[
			"one that does not run",
			() => publish(NEW, { executable: Buffer.from("#!/bin/sh\nexit 3\n") }),
			"does not run on this machine",
		],
		[
			"one that is another version",
			() => publish(NEW, { executable: Buffer.from(programOf("7.7.7")) }),
			"does not run on this machine",
		],
		["what is not there", () => publish(NEW, { address: `${releases.url}/nowhere.tgz` }), "answered 404"],
		[
			"what lies elsewhere on this machine",
			() => publish(NEW, { address: "http://127.0.0.1:1/x.tgz" }),
			"is not asked",
		],
		["a file", () => publish(NEW, { address: "file:///etc/passwd" }), "is not asked"],
	])("that is %s is not taken", async (_, prepare, problem) => {
		await prepare();
		expect(await problemOf(stage())).toContain(problem);
		nothing();
	});

	test("that is older, the same, or cannot be told from others is not taken", async () => {
		await publish("0.9.0");
		await publish(OLD);
		await publish(NEW);
		expect(await problemOf(stage("0.9.0"))).toContain("is not newer than this one");
		expect(await problemOf(stage(OLD))).toContain("is not newer than this one");
		expect(await problemOf(stage(NEW, []))).toContain("without the key of its makers");
		expect(await problemOf(stage(NEW, ["", "AAAA", "not base64"]))).toContain("not signed");
		nothing();
	});

	test("is not put where everybody could exchange it", async () => {
		chmodSync(folder, 0o777);
		expect(() => new InstalledProgram(executable, OLD)).toThrow(UpdateProblem);
	});

	test("follows no link that lies in its place", async () => {
		const outside = join(folder, "outside");
		writeFileSync(outside, "mine");
		symlinkSync(outside, program.stagedFile);
		await publish(NEW);
		expect(await problemOf(stage())).toContain("links are not followed");
		expect(readFileSync(outside, "utf8")).toBe("mine");
	});
});

/** A daemon that is as healthy as the executable says. */
function daemonOf(isRunning: boolean, isHealthy: (version: string) => boolean = () => true) {
	const told: string[] = [];
	const control: DaemonControl = {
		isRunning: async () => isRunning,
		stop: async () => void told.push("stop"),
		async start() {
			const version = await runs();
			told.push(`start ${version}`);
			if (!isHealthy(version)) throw new Error("it ended at once");
			return version;
		},
	};
	return { control, told };
}

describe.if(process.platform !== "win32")("a staged version", () => {
	beforeEach(async () => {
		await publish(NEW);
		await stage();
	});

	test("takes the place of the program and of the daemon, and can be taken back", async () => {
		const { control, told } = daemonOf(true);
		expect(await applyStaged(realWorld, program, control)).toEqual({ version: NEW, isRestarted: true });
		expect(told).toEqual(["stop", `start ${NEW}`]);
		expect(await runs()).toBe(NEW);
		const after = new InstalledProgram(executable, NEW);
		expect(after.record()).toMatchObject({ previous: { version: OLD } });
		expect(after.record().staged).toBeUndefined();
		expect(await rollBack(after, control)).toEqual({ version: OLD, isRestarted: true });
		expect(await runs()).toBe(OLD);
		expect(told.slice(2)).toEqual(["stop", `start ${OLD}`]);
		expect(await problemOf(rollBack(new InstalledProgram(executable, OLD), control))).toContain("no version before");
	});

	test("is used with the next start where no daemon runs", async () => {
		const { control, told } = daemonOf(false);
		expect(await applyStaged(realWorld, program, control)).toEqual({ version: NEW, isRestarted: false });
		expect(told).toEqual([]);
		expect(await runs()).toBe(NEW);
	});

	test("is taken back when the daemon does not come up with it, and the one before runs again", async () => {
		const { control, told } = daemonOf(true, (version) => version === OLD);
		const problem = await problemOf(applyStaged(realWorld, program, control));
		expect(problem).toBe(`Version ${NEW} was taken back: it ended at once. Version ${OLD} is in use again`);
		expect(told).toEqual(["stop", `start ${NEW}`, "stop", `start ${OLD}`]);
		expect(await runs()).toBe(OLD);
		expect(program.record()).toMatchObject({ failed: { version: NEW, why: "it ended at once" } });
		expect(program.record().staged).toBeUndefined();
	});

	test("is taken back when another version answers, or the old one cannot be ended", async () => {
		const { control } = daemonOf(true);
		expect(await problemOf(applyStaged(realWorld, program, { ...control, start: async () => OLD }))).toContain(
			`says that it is "${OLD}"`,
		);
		expect(await runs()).toBe(OLD);
		await stage();
		const stuck = { ...control, stop: () => Promise.reject(new Error("it has not ended after 30 s")) };
		expect(await problemOf(applyStaged(realWorld, program, stuck))).toContain("it has not ended after 30 s");
		expect(await runs()).toBe(OLD);
	});

	test("that was changed since it was verified is not used", async () => {
		writeFileSync(program.stagedFile, programOf("6.6.6"));
		expect(await problemOf(applyStaged(realWorld, program, daemonOf(true).control))).toContain("was changed since");
		expect(await runs()).toBe(OLD);
	});

	test("whose predecessor was changed since stays in use", async () => {
		await applyStaged(realWorld, program, daemonOf(false).control);
		writeFileSync(join(folder, ".signet.previous"), programOf("6.6.6"));
		const after = new InstalledProgram(executable, NEW);
		expect(await problemOf(rollBack(after, daemonOf(false).control))).toContain("was changed since");
		expect(await runs()).toBe(NEW);
	});

	test("is exchanged by one process at a time", async () => {
		using _ = { [Symbol.dispose]: program.lock().release };
		expect(() => new InstalledProgram(executable, OLD).lock()).toThrow("Another update is under way");
	});
});
