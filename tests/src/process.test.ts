import { describe, expect, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { readDaemonRecord } from "@signet/daemon/runtime";
import { Home, until } from "./home.ts";
import { program } from "./program.ts";

const TIMEOUT_MS = 60_000;

/** A request whose body has begun and does not go on, and what is answered to it. */
function half(url: string): { isSent: Promise<void>; answer: Promise<string> } {
	const { hostname, port } = new URL(url);
	const socket = connect(Number(port), hostname);
	let heard = "";
	socket.on("data", (bytes) => {
		heard += bytes;
	});
	socket.on("error", () => undefined);
	const head = "POST /api/memory/remember HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n";
	return {
		isSent: new Promise((resolve) => socket.write(`${head}{"content"`, () => resolve())),
		answer: new Promise((resolve) => socket.on("close", () => resolve(heard))),
	};
}

describe("signals", () => {
	test(
		"SIGHUP has the configuration read again, and the daemon goes on",
		async () => {
			await using home = new Home();
			home.write({ ".agents/agent.yaml": "search:\n  profile: signet\n" });
			const { process: daemon } = await home.serve();
			home.write({ ".agents/agent.yaml": "search:\n  profile: reference\n" });
			daemon.kill("SIGHUP");
			const told = await until(async () => {
				const { body } = await home.get("/api/logs?category=config");
				return body.logs.find(({ message }: { message: string }) => message.includes("read again"));
			});
			expect(told.data.isInForce).toBe(true);
			expect((await home.get("/api/status")).body.search.profile).toBe("reference");
			expect(daemon.exitCode).toBeNull();
		},
		TIMEOUT_MS,
	);

	test(
		"a changed auth.mode is not taken up while it runs",
		async () => {
			await using home = new Home();
			const { process: daemon } = await home.serve();
			home.write({ ".agents/agent.yaml": "auth:\n  mode: team\n  allowInsecureRemote: true\n" });
			daemon.kill("SIGHUP");
			expect((await home.get("/health")).status).toBe(200);
			daemon.kill("SIGTERM");
			expect(await daemon.exited).toBe(0);
		},
		TIMEOUT_MS,
	);

	test(
		"SIGTERM ends it although a body does not come, and that client is told",
		async () => {
			await using home = new Home();
			const { process: daemon, url } = await home.serve();
			const client = half(url.replace("localhost", "127.0.0.1"));
			await client.isSent;
			// Connections are taken in the order in which they are made.
			await fetch(`${url}/health`, { headers: { connection: "close" } });
			await fetch(`${url}/health`, { headers: { connection: "close" } });
			daemon.kill("SIGTERM");
			expect(await daemon.exited).toBe(0);
			expect(await client.answer).toMatch(/^HTTP\/1.1 503 [\s\S]*"code":"shutting_down"/);
			expect(existsSync(home.paths.pidFile)).toBe(false);
			expect(existsSync(home.paths.daemonFile)).toBe(false);
		},
		TIMEOUT_MS,
	);
});

describe("a process is signalled only if it is the daemon", () => {
	test(
		"not one that was given its number after a crash",
		async () => {
			await using home = new Home();
			const { process: daemon } = await home.serve();
			daemon.kill("SIGKILL");
			await daemon.exited;
			const innocent = Bun.spawn([process.execPath, "-e", "await Bun.stdin.text()"], { stdin: "pipe" });
			const record = JSON.parse(readFileSync(home.paths.daemonFile, "utf8"));
			writeFileSync(home.paths.daemonFile, JSON.stringify({ ...record, pid: innocent.pid }));
			writeFileSync(home.paths.pidFile, String(innocent.pid));
			expect((await home.run(["stop"])).stdout).toBe("It was not running\n");
			expect(innocent.exitCode).toBeNull();
			innocent.stdin.end();
			await innocent.exited;
		},
		TIMEOUT_MS,
	);

	test.if(process.platform === "linux")(
		"not even while another process has the workspace",
		async () => {
			await using home = new Home();
			const { process: daemon } = await home.serve();
			const innocent = Bun.spawn([process.execPath, "-e", "await Bun.stdin.text()"], { stdin: "pipe" });
			const text = readFileSync(home.paths.daemonFile, "utf8");
			writeFileSync(home.paths.daemonFile, JSON.stringify({ ...JSON.parse(text), pid: innocent.pid }));
			const { code, stderr } = await home.run(["stop", "--force"]);
			expect([code, stderr]).toEqual([1, expect.stringContaining("does not answer")]);
			expect([innocent.exitCode, daemon.exitCode]).toEqual([null, null]);
			writeFileSync(home.paths.daemonFile, text);
			expect((await home.run(["stop"])).code).toBe(0);
			innocent.stdin.end();
			await innocent.exited;
		},
		TIMEOUT_MS,
	);

	test(
		"a daemon that ends takes back its own files, and leaves those of another",
		async () => {
			await using home = new Home();
			const { process: daemon } = await home.serve();
			const record = { ...readDaemonRecord(home.paths), pid: 1, nonce: "of another run" };
			writeFileSync(home.paths.daemonFile, JSON.stringify(record));
			writeFileSync(home.paths.pidFile, "1");
			daemon.kill("SIGTERM");
			await daemon.exited;
			expect(readDaemonRecord(home.paths)?.nonce).toBe("of another run");
			expect(readFileSync(home.paths.pidFile, "utf8")).toBe("1");
		},
		TIMEOUT_MS,
	);
});

describe("a port that is in use", () => {
	test(
		"by the daemon of another workspace, or by another program, is named, and that is the end",
		async () => {
			await using first = new Home();
			const { url } = await first.serve();
			await using second = new Home();
			const env = { SIGNET_PORT: new URL(url).port };
			const started = await second.run(["start"], { env });
			expect([started.code, started.stderr]).toEqual([
				6,
				expect.stringContaining(`the Signet daemon of another workspace, ${first.paths.root}`),
			]);
			using squatter = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("mine") });
			const other = await second.run(["daemon"], { env: { SIGNET_PORT: String(squatter.port) } });
			expect([other.code, other.stderr]).toEqual([6, expect.stringContaining("is used by another program")]);
			expect(existsSync(second.paths.pidFile)).toBe(false);
			expect(existsSync(second.paths.database)).toBe(false);
			expect(existsSync(second.paths.startsFile)).toBe(false);
		},
		TIMEOUT_MS,
	);

	test(
		"by a daemon that takes no lock and serves this very workspace is no failure",
		async () => {
			await using home = new Home();
			using earlier = Bun.serve({
				port: 0,
				hostname: "127.0.0.1",
				fetch: () => Response.json({ agentsDir: home.paths.root, pid: 1, version: "0.8.0" }),
			});
			const { code, stderr } = await home.run(["daemon"], { env: { SIGNET_PORT: String(earlier.port) } });
			expect([code, stderr]).toEqual([0, expect.stringContaining("version 0.8.0) is serving the workspace")]);
			expect(existsSync(home.paths.database)).toBe(false);
		},
		TIMEOUT_MS,
	);
});

test(
	"two starts at the same time come to one daemon, and both say where it is",
	async () => {
		await using home = new Home();
		const [one, other] = await Promise.all([home.json("start"), home.json("start")]);
		expect(one.url).toBe(other.url);
		expect(one.pid).toBe(other.pid);
	},
	TIMEOUT_MS,
);

test(
	"a daemon that never comes up is not started a sixth time, until somebody wants it or mends something",
	async () => {
		await using home = new Home();
		home.write({ ".agents/memory/memories.db": "this is a diary and no database, whatever its name says" });
		for (let n = 0; n < 5; n++) expect((await home.run(["daemon"])).code).toBe(1);
		const { code, stderr } = await home.run(["start"]);
		expect(code).toBe(78);
		expect(stderr).toContain("did not come to serve 5 times within 2 minutes");
		expect(stderr).toContain("is no SQLite database");
		expect(stderr).toContain("signet start --force");
		expect((await home.run(["start", "--force"])).code).toBe(1);
		expect((await home.run(["start"])).code).toBe(78);
		home.write({ ".agents/agent.yaml": "search: {}\n" });
		expect((await home.run(["start"])).code).toBe(1);
	},
	TIMEOUT_MS,
);

test(
	"a runtime folder and logs that an earlier daemon left open are closed to others",
	async () => {
		await using home = new Home();
		home.write({ ".agents/.daemon/logs/signet-2026-01-01.log": "{}\n", ".agents/.daemon/logs/daemon.out.log": "" });
		for (const path of [home.paths.runtimeFolder, home.paths.logFolder]) chmodSync(path, 0o755);
		await home.serve();
		for (const path of [home.paths.runtimeFolder, home.paths.logFolder])
			expect(statSync(path).mode & 0o777).toBe(0o700);
		for (const name of ["signet-2026-01-01.log", "daemon.out.log"])
			expect(statSync(join(home.paths.logFolder, name)).mode & 0o777).toBe(0o600);
	},
	TIMEOUT_MS,
);

test(
	"whoever is told to serve a workspace that is held and not served may try again later",
	async () => {
		await using home = new Home();
		mkdirSync(home.paths.runtimeFolder, { recursive: true });
		const script = `
			const { Database } = require("bun:sqlite");
			const held = new Database(${JSON.stringify(home.paths.lockFile)}, { create: true });
			held.run("PRAGMA journal_mode = OFF");
			held.run("BEGIN EXCLUSIVE");
			console.log("held");
			await Bun.stdin.text();
			held.close();`;
		const holder = Bun.spawn([process.execPath, "-e", script], { stdin: "pipe", stdout: "pipe" });
		await holder.stdout.getReader().read();
		const { code, stderr } = await home.run(["daemon"]);
		expect([code, stderr]).toEqual([75, expect.stringContaining("Try again in a moment")]);
		expect((await home.run(["stop"])).code).toBe(1);
		holder.stdin.end();
		await holder.exited;
	},
	TIMEOUT_MS,
);

test(
	"a flaw that nobody caught ends it in order, and its log says so",
	async () => {
		await using home = new Home();
		const preload = join(home.folder, "flaw.ts");
		writeFileSync(
			preload,
			'process.on("SIGUSR2", () => { void Promise.reject(new Error("nobody waited")); setTimeout(() => { throw new Error("nobody expected"); }, 50); });',
		);
		if (program.length === 1) return; // An executable loads nothing besides itself.
		const [bun = "", ...rest] = program;
		const daemon = Bun.spawn([bun, "--preload", preload, ...rest, "daemon", "--quiet"], {
			env: home.env,
			stdout: "ignore",
			stderr: "ignore",
		});
		await until(() => readDaemonRecord(home.paths));
		await until(async () => (await home.get("/health").catch(() => undefined))?.status === 200 || undefined);
		daemon.kill("SIGUSR2");
		expect(await daemon.exited).toBe(1);
		const { stdout } = await home.run(["logs", "--level", "error"]);
		expect(stdout).toContain("something failed that nobody waited for");
		expect(stdout).toContain("the daemon ends");
		expect(existsSync(home.paths.pidFile)).toBe(false);
		expect(existsSync(`${home.paths.database}-wal`)).toBe(false);
	},
	TIMEOUT_MS,
);
