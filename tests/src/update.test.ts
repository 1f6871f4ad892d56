import { expect, test } from "bun:test";
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { startReleaseRegistry } from "@signet/daemon/testing";
import { Home, until } from "./home.ts";
import { program, repository } from "./program.ts";

const TIMEOUT_MS = 120_000;
const NEXT = "99.0.0";

test(
	"what is there is seen without a daemon; sources are not exchanged",
	async () => {
		await using home = new Home();
		await using releases = await startReleaseRegistry();
		await releases.publish(NEXT, { publishedAt: "2026-11-01T00:00:00.000Z" });
		home.env.SIGNET_UPDATE_URL = releases.url;
		const checked = await home.json("update", "check");
		expect(checked).toMatchObject({
			latest: NEXT,
			isNewer: true,
			isBreaking: true,
			publishedAt: "2026-11-01T00:00:00.000Z",
		});
		expect(await home.json("update", "status")).toMatchObject({ autoInstall: false, staged: null, previous: null });
		expect((await home.run(["update", "apply", "latest"])).code).not.toBe(0);
		if (program.length > 1) {
			const { code, stderr } = await home.run(["update", "apply"]);
			expect(code).toBe(6);
			expect(stderr).toContain("runs from its sources");
		}
		home.env.SIGNET_UPDATE_URL = "http://127.0.0.1:1";
		const away = await home.run(["update", "check"]);
		expect(away.code).toBe(1);
		expect(away.stderr).toContain("could not be asked");
	},
	TIMEOUT_MS,
);

test(
	"that new versions install themselves is switched in the file, and the daemon knows at once",
	async () => {
		await using home = new Home();
		home.write({ ".agents/agent.yaml": "# mine\nembedding:\n  provider: embedded\n" });
		await home.serve();
		expect((await home.run(["update", "enable"])).stdout).toContain("SIGNET_UPDATE_KEY names none");
		expect((await home.run(["update", "status"])).stdout).toContain("SIGNET_UPDATE_KEY names none");
		expect((await home.get("/api/status")).body.update).toMatchObject({ autoInstall: true, timerActive: true });
		await home.json("update", "disable");
		expect((await home.get("/api/status")).body.update).toMatchObject({ autoInstall: false, timerActive: false });
		expect(readFileSync(join(home.paths.root, "agent.yaml"), "utf8")).toStartWith("# mine\nembedding:");
	},
	TIMEOUT_MS,
);

test(
	"a daemon that asks for tokens is told of it, too",
	async () => {
		await using home = new Home();
		home.write({ ".agents/agent.yaml": "auth:\n  mode: team\n" });
		await home.serve();
		expect((await home.run(["update", "enable"])).code).toBe(0);
	},
	TIMEOUT_MS,
);

/** The executable in a folder of its own, and how to run it. */
function installed(home: Home): { file: string; run: (...args: string[]) => Promise<{ code: number; text: string }> } {
	const folder = join(home.folder, "bin");
	mkdirSync(folder);
	const file = join(folder, "signet");
	copyFileSync(program[0] ?? "", file);
	chmodSync(file, 0o755);
	const run = async (...args: string[]) => {
		const child = Bun.spawn([file, ...args], { env: home.env, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
		const [out, problems, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
		return { code, text: out + problems };
	};
	return { file, run };
}

const isExecutable = program.length === 1 && process.platform !== "win32";

test.if(isExecutable)(
	"a version that does not come up healthy is taken back, and the daemon goes on as before",
	async () => {
		await using home = new Home();
		await using releases = await startReleaseRegistry();
		const { file, run } = installed(home);
		home.write({ ".agents/agent.yaml": "embedding:\n  provider: embedded\n" });
		home.env.PATH = process.env.PATH ?? "";
		Object.assign(home.env, { SIGNET_UPDATE_URL: releases.url, SIGNET_UPDATE_KEY: releases.key });
		// It runs, and says what it should, but is no daemon.
		const broken = `#!/bin/sh\n[ "$1" = --version ] && echo ${NEXT} && exit 0\necho "cannot serve" >&2\nexit 1\n`;
		await releases.publish(NEXT, { executable: Buffer.from(broken) });
		const before = Bun.hash(readFileSync(file));
		expect((await run("start")).code).toBe(0);
		expect((await run("remember", "kept through the update")).code).toBe(0);

		const { code, text } = await run("update", "apply");
		expect(code).toBe(1);
		expect(text).toContain(`Version ${NEXT} was taken back`);
		expect(text).toContain("cannot serve");
		expect(Bun.hash(readFileSync(file))).toBe(before);
		expect((await run("recall", "what was kept?")).text).toContain("kept through the update");
		expect((await run("update", "status")).text).toContain("cannot serve");
		expect((await run("stop")).code).toBe(0);
		expect(readdirSync(join(file, "..")).filter((name) => /next|previous/.test(name))).toEqual([]);
	},
	TIMEOUT_MS,
);

/** This executable under another version of the same length: all that a next version needs to differ in. */
function nextVersion(): { version: string; executable: Uint8Array } {
	const { version: own } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8")) as { version: string };
	const version = own.replace(/\d$/, (digit) => String((Number(digit) % 9) + 1));
	const executable = readFileSync(program[0] ?? "");
	for (let at = executable.indexOf(own); at >= 0; at = executable.indexOf(own, at)) executable.write(version, at);
	return { version, executable };
}

test.if(isExecutable && process.platform === "linux")(
	"a version takes over with its daemon, also one that asks for tokens, and makes room again for the one before",
	async () => {
		await using home = new Home();
		await using releases = await startReleaseRegistry();
		const { run } = installed(home);
		home.write({ ".agents/agent.yaml": "embedding:\n  provider: embedded\nauth:\n  mode: team\n" });
		Object.assign(home.env, { SIGNET_UPDATE_URL: releases.url, SIGNET_UPDATE_KEY: releases.key });
		const health = async () => {
			const { url } = JSON.parse(readFileSync(home.paths.daemonFile, "utf8"));
			const authorization = `Bearer ${readFileSync(home.paths.clientTokenFile, "utf8")}`;
			return JSON.parse(await (await fetch(`${url}/health`, { headers: { authorization } })).text());
		};
		const { version, executable } = nextVersion();
		await releases.publish(version, { executable });
		expect((await run("start")).code).toBe(0);
		expect((await run("remember", "kept through the update")).code).toBe(0);
		const own = (await health()).version;

		expect((await run("update", "apply")).text).toContain(`${version} is in use, and the daemon runs it`);
		expect(await health()).toMatchObject({ version, pendingRestart: false });
		expect((await run("recall", "what was kept?")).text).toContain("kept through the update");
		expect((await run("update", "apply")).text).toContain(`${version} is the newest version`);

		expect((await run("update", "rollback")).text).toContain(`${own} is in use again`);
		expect(await health()).toMatchObject({ version: own });
		expect((await run("recall", "what was kept?")).text).toContain("kept through the update");
		expect((await run("stop")).code).toBe(0);
	},
	TIMEOUT_MS,
);

test.if(isExecutable && process.platform === "linux")(
	"a version that installs itself takes over while nobody looks",
	async () => {
		await using home = new Home();
		await using releases = await startReleaseRegistry();
		const { run } = installed(home);
		home.write({ ".agents/agent.yaml": "embedding:\n  provider: embedded\nupdates:\n  auto_install: true\n" });
		Object.assign(home.env, { SIGNET_UPDATE_URL: releases.url, SIGNET_UPDATE_KEY: releases.key });
		const { version, executable } = nextVersion();
		await releases.publish(version, { executable, publishedAt: "2026-01-01T00:00:00.000Z" });
		expect((await run("start")).code).toBe(0);
		const taken = async () =>
			(await home.get("/health").catch(() => undefined))?.body.version === version ? true : undefined;
		// It waits some seconds before it looks, and then has much to do.
		await until(taken).catch(() => until(taken));
		expect((await run("stop")).code).toBe(0);
	},
	TIMEOUT_MS,
);

test.if(isExecutable)(
	"a daemon has a version laid beside it by its route; nothing is used before somebody says so",
	async () => {
		await using home = new Home();
		await using releases = await startReleaseRegistry();
		const { file, run } = installed(home);
		home.write({ ".agents/agent.yaml": "embedding:\n  provider: embedded\n" });
		home.env.PATH = process.env.PATH ?? "";
		Object.assign(home.env, { SIGNET_UPDATE_URL: releases.url, SIGNET_UPDATE_KEY: releases.key });
		await releases.publish(NEXT, { executable: Buffer.from(`#!/bin/sh\necho ${NEXT}\n`) });
		const before = Bun.hash(readFileSync(file));
		expect((await run("start")).code).toBe(0);
		const { url } = JSON.parse(readFileSync(home.paths.daemonFile, "utf8"));
		const answer = await (await fetch(`${url}/api/update/run`, { method: "POST" })).json();
		expect(answer).toMatchObject({ success: true, installedVersion: NEXT, restartRequired: true });
		expect((await home.get("/health")).body).toMatchObject({ pendingRestart: true, updateAvailable: false });
		expect(Bun.hash(readFileSync(file))).toBe(before);
		expect((await run("stop")).code).toBe(0);
		expect((await run("update", "apply")).text).toContain(`${NEXT} is in use`);
		expect(readFileSync(file, "utf8")).toContain(NEXT);
	},
	TIMEOUT_MS,
);
