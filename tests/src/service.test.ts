import { describe, expect, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { readDaemonRecord } from "@signet/daemon/runtime";
import { Home } from "./home.ts";

const TIMEOUT_MS = 60_000;

/** A home on a machine with a systemd of its own, and with a folder name that a careless unit would break at. */
async function homeWithSystemd(): Promise<Home> {
	const home = new Home();
	const bin = join(home.folder, "bin");
	mkdirSync(bin);
	writeFileSync(
		join(bin, "systemctl"),
		`#!/bin/sh\nexec "${process.execPath}" "${join(import.meta.dir, "fake-systemctl.ts")}" "$@"\n`,
	);
	chmodSync(join(bin, "systemctl"), 0o755);
	Object.assign(home.env, { PATH: bin, SIGNET_PORT: String(await freePort()) });
	return home;
}

async function freePort(): Promise<number> {
	const server = createServer();
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const address = server.address();
	await new Promise((resolve) => server.close(resolve));
	if (address === null || typeof address === "string") throw new Error("no port");
	return address.port;
}

function calls(home: Home): string[] {
	const state = JSON.parse(readFileSync(join(home.folder, "fake-systemd", "state.json"), "utf8"));
	return state.calls.filter((call: string) => !call.startsWith("show"));
}

describe.if(process.platform === "linux")("signet service", () => {
	test(
		"has systemd run the daemon; stop and restart ask systemd, and a stop lasts",
		async () => {
			await using home = await homeWithSystemd();
			expect((await home.run(["service", "status"])).code).toBe(3);
			const installed = await home.json("service", "install", "--writable", "~/notes");
			expect(installed).toMatchObject({ status: "installed", manager: "systemd", isConfined: true });
			expect(readFileSync(installed.file, "utf8")).toContain(join(home.folder, "notes"));
			expect(installed.url).toBe(`http://localhost:${home.env.SIGNET_PORT}`);
			expect(statSync(installed.file).mode & 0o777).toBe(0o600);
			expect(await home.json("service", "status")).toMatchObject({
				installed: true,
				running: true,
				pid: installed.pid,
				port: Number(home.env.SIGNET_PORT),
				workspace: home.paths.root,
			});
			expect(await home.json("start")).toMatchObject({ status: "already-running", pid: installed.pid });
			const restarted = await home.json("restart");
			expect(restarted.pid).not.toBe(installed.pid);
			expect(calls(home)).toContain("restart signet.service");
			expect(await home.json("stop")).toEqual({ status: "stopped", pid: restarted.pid });
			expect(calls(home).at(-1)).toBe("stop signet.service");
			expect((await home.run(["status"])).code).toBe(3);
			const again = await home.json("start");
			expect(calls(home).at(-1)).toBe("start signet.service");
			expect((await home.json("service", "status")).pid).toBe(again.pid);
			expect((await home.run(["service", "logs"])).stdout).toContain("listening at");
			expect(await home.json("service", "uninstall")).toMatchObject({ status: "uninstalled" });
			expect(existsSync(installed.file)).toBe(false);
			expect(readDaemonRecord(home.paths)).toBeUndefined();
			expect(await home.json("service", "uninstall")).toMatchObject({ status: "not-installed" });
		},
		TIMEOUT_MS,
	);

	test(
		"takes the place of a daemon that runs by itself, and leaves one alone that does",
		async () => {
			await using home = await homeWithSystemd();
			const alone = await home.json("start");
			const installed = await home.json("service", "install");
			expect(installed.pid).not.toBe(alone.pid);
			await home.json("stop");
			const { process: byHand } = await home.serve();
			const { code, stderr } = await home.run(["service", "start"]);
			expect([code, stderr]).toEqual([6, expect.stringContaining("not the service's")]);
			const before = calls(home).length;
			expect((await home.json("stop")).pid).toBe(byHand.pid);
			expect(calls(home)).toHaveLength(before);
		},
		TIMEOUT_MS,
	);

	test(
		"is installed for one workspace at a time, and says which",
		async () => {
			await using home = await homeWithSystemd();
			await home.json("service", "install");
			const other = join(home.folder, 'other "50%" $HOME');
			const { code, stderr } = await home.run(["service", "install", "--path", other]);
			expect([code, stderr]).toEqual([6, expect.stringContaining(home.paths.root)]);
			expect(stderr).toContain("service install --force");
			const stopped = await home.run(["service", "stop", "--path", other]);
			expect([stopped.code, stopped.stderr]).toEqual([6, expect.stringContaining(`--path "${home.paths.root}"`)]);
			expect(stopped.stderr).not.toContain("--force");
			const taken = await home.json("service", "install", "--force", "--path", other);
			expect((await home.json("service", "status")).workspace).toBe(other);
			const health = await fetch(`${taken.url}/health`);
			expect(await health.json()).toMatchObject({ agentsDir: other });
			await home.json("service", "uninstall", "--path", other);
		},
		TIMEOUT_MS,
	);

	test(
		"runs unconfined where the system does not let it be confined, and says so",
		async () => {
			await using home = await homeWithSystemd();
			home.write({ "fake-systemd/refuse-confinement": "" });
			const { code, stdout } = await home.run(["service", "install"]);
			expect([code, stdout]).toEqual([0, expect.stringContaining("not confined to its folders")]);
			expect((await home.json("service", "status")).running).toBe(true);
			await home.json("service", "uninstall");
		},
		TIMEOUT_MS,
	);

	test(
		"says why the daemon does not come up",
		async () => {
			await using home = await homeWithSystemd();
			home.write({ ".agents/memory/memories.db": "this is a diary and no database, whatever its name says" });
			const { code, stderr } = await home.run(["service", "install"]);
			expect(code).toBe(1);
			expect(stderr).toContain("is no SQLite database");
			await home.json("service", "uninstall");
		},
		TIMEOUT_MS,
	);

	test(
		"without a service manager says what there is instead",
		async () => {
			await using home = new Home();
			const { code, stderr } = await home.run(["service", "install"], {
				env: { SIGNET_PORT: "3850", PATH: home.folder },
			});
			expect(code).toBe(1);
			expect(stderr).toContain("`systemctl` cannot be run");
			expect(stderr).toContain("signet start");
		},
		TIMEOUT_MS,
	);
});
