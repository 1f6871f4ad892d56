import { Database as SqliteFile } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ExitCode, StartupError, type WorkspacePaths } from "@signet/core";
import { realWorld } from "@signet/core/world";
import { startDaemon } from "./daemon.ts";
import { temporaryDaemon } from "./testing/temporary-daemon.ts";
import { lockWorkspace } from "./workspace/lock.ts";

const refusalOf = (start: Promise<unknown>) =>
	start.then(
		() => undefined,
		(error: StartupError) => error,
	);

function takeAndGiveBack(paths: WorkspacePaths): void {
	const lock = lockWorkspace(paths);
	expect(lock).toBeDefined();
	lock?.release();
}

describe("a daemon", () => {
	test("says who and where it is, in its files and at its address", async () => {
		await using temporary = await temporaryDaemon();
		const { paths, url } = temporary.daemon;
		const health = await temporary.send("GET", "/health");
		expect(health.json).toMatchObject({
			status: "healthy",
			pid: process.pid,
			agentsDir: temporary.root,
			db: true,
			port: Number(new URL(url).port),
		});
		expect(readFileSync(paths.pidFile, "utf8")).toBe(String(process.pid));
		expect(JSON.parse(readFileSync(paths.daemonFile, "utf8"))).toMatchObject({ pid: process.pid, url });
		expect(JSON.parse(readFileSync(paths.healthyStartFile, "utf8"))).toMatchObject({ pid: process.pid });
		expect(statSync(paths.daemonFile).mode & 0o077).toBe(0);
		expect(statSync(paths.runtimeFolder).mode & 0o077).toBe(0);
	});

	test("takes back what it said when it stops, and gives up the workspace", async () => {
		const temporary = await temporaryDaemon();
		const { paths } = temporary.daemon;
		await temporary.daemon.stop();
		await temporary.daemon.stop();
		expect(existsSync(paths.pidFile)).toBe(false);
		expect(existsSync(paths.daemonFile)).toBe(false);
		takeAndGiveBack(paths);
		expect(existsSync(`${paths.database}-wal`)).toBe(false);
		rmSync(temporary.root, { recursive: true });
	});

	test("finishes what it accepted before it stops", async () => {
		const temporary = await temporaryDaemon();
		const accepted = Array.from({ length: 20 }, (_, n) =>
			temporary.send("POST", "/api/memory/remember", { content: `Accepted ${n}` }),
		);
		await Promise.race(accepted);
		await temporary.daemon.stop();
		const answers = await Promise.allSettled(accepted);
		const acknowledged = answers.filter((answer) => answer.status === "fulfilled" && answer.value.status === 200);
		await using next = await temporaryDaemon(undefined, { root: temporary.root });
		expect((await next.send("GET", "/api/memories")).json.stats.total).toBeGreaterThanOrEqual(acknowledged.length);
		expect(acknowledged.length).toBeGreaterThan(0);
	});

	test("makes the words of many memories anew after an update, without an error", async () => {
		const before = await temporaryDaemon();
		await before.daemon.stop();
		const db = new SqliteFile(before.daemon.paths.database);
		db.run(`INSERT INTO memories (id, content, type, created_at, updated_at, updated_by)
			WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 300)
			SELECT n, 'Number ' || n, 'fact', '2026', '2026', 'test' FROM numbers`);
		db.run("DELETE FROM sgn_state WHERE key = 'tokeniser'");
		db.close();
		await using after = await temporaryDaemon(undefined, { root: before.root });
		await after.send("POST", "/api/memory/recall", { query: "number 7" });
		expect(after.log.filter(({ level }) => level === "error")).toEqual([]);
	});

	test("is the only one on its workspace", async () => {
		await using temporary = await temporaryDaemon();
		const second = await refusalOf(temporaryDaemon(undefined, { root: temporary.root }));
		expect(second).toBeInstanceOf(StartupError);
		expect(second?.message).toStartWith(`Another Signet daemon (process ${process.pid}, ${temporary.daemon.url}, `);
		expect(second?.message).toEndWith(`is serving the workspace ${temporary.root}`);
		expect(second?.exitCode).toBe(ExitCode.ok);
		expect((await temporary.send("GET", "/health")).status).toBe(200);
		expect(existsSync(temporary.daemon.paths.pidFile)).toBe(true);
	});

	test("says in words what is wrong with an address that it cannot listen at", async () => {
		for (const [host, why] of [
			["banana.invalid", "nothing is known by that name"],
			["192.0.2.1", "that is no address of this machine"],
		] as const) {
			const refused = await refusalOf(temporaryDaemon("auth:\n  mode: team\n", { host }));
			expect(refused?.message).toBe(`${host}:0 cannot be listened at: ${why}`);
		}
	});

	test("names the daemon that has its port, and leaves nothing behind", async () => {
		await using temporary = await temporaryDaemon();
		const root = mkdtempSync(join(tmpdir(), "signet-port-"));
		const port = Number(new URL(temporary.daemon.url).port);
		const second = await refusalOf(startDaemon({ root, host: "127.0.0.1", port, env: {}, world: realWorld }));
		expect(second?.message).toBe(
			`Port ${port} is used by the Signet daemon of another workspace, ${temporary.root} (process ${process.pid})`,
		);
		expect(existsSync(join(root, ".daemon", "pid"))).toBe(false);
		rmSync(root, { recursive: true });
	});
});

describe("does not start", () => {
	test("where everybody could reach it, unless that is wanted", async () => {
		const refusal = await refusalOf(temporaryDaemon("", { host: "0.0.0.0" }));
		expect(refusal?.message).toContain("without a token");
		await using open = await temporaryDaemon("auth:\n  allowInsecureRemote: true\n", { host: "0.0.0.0" });
		expect((await open.send("GET", "/health", undefined, { host: "10.0.0.5" })).status).toBe(200);
	});

	test("where another program would hear half of what is said to localhost", async () => {
		let squatter: Bun.Server<undefined>;
		try {
			squatter = Bun.serve({ hostname: "::1", port: 0, fetch: () => new Response("mine") });
		} catch {
			// A machine without that address cannot have this trouble.
			return;
		}
		const refusal = await refusalOf(temporaryDaemon(undefined, { host: "localhost", port: squatter.port ?? 0 }));
		expect(refusal?.message).toContain(`Port ${squatter.port} of ::1 is used by another program`);
		await squatter.stop(true);
	});

	test("on a database that is none, which stays as it is", async () => {
		const root = mkdtempSync(join(tmpdir(), "signet-broken-"));
		const { daemon } = await temporaryDaemon(undefined, { root });
		await daemon.stop();
		writeFileSync(daemon.paths.database, "not a database at all, but long enough to be one");
		const refusal = await refusalOf(temporaryDaemon(undefined, { root }));
		expect(refusal?.message).toContain("is no SQLite database");
		expect(readFileSync(daemon.paths.database, "utf8")).toStartWith("not a database");
		takeAndGiveBack(daemon.paths);
		rmSync(root, { recursive: true });
	});
});

describe("requests", () => {
	test("of foreign pages are refused, with no header that would let them read the answer", async () => {
		await using temporary = await temporaryDaemon();
		for (const headers of [
			{ origin: "https://evil.example" },
			{ host: "attacker.example" },
			{ "sec-fetch-site": "cross-site" },
		]) {
			const {
				status,
				json,
				headers: answered,
			} = await temporary.send("POST", "/api/memory/remember", { content: "x" }, headers);
			expect(status).toBe(403);
			expect(json.code).toBe("forbidden_origin");
			expect(answered.get("access-control-allow-origin")).toBeNull();
		}
		expect((await temporary.send("GET", "/api/memories")).json.stats.total).toBe(0);
	});

	test("are answered with headers that protect the answer", async () => {
		await using temporary = await temporaryDaemon();
		const { headers } = await temporary.send("GET", "/api/memories", undefined, { origin: "http://localhost:5173" });
		expect(headers.get("x-content-type-options")).toBe("nosniff");
		expect(headers.get("cache-control")).toBe("no-store");
		expect(headers.get("access-control-allow-origin")).toBe("http://localhost:5173");
		const page = await temporary.send("GET", "/");
		expect(page.headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
		expect(page.text).toContain("Signet is running");
	});

	test("for what is not there say so", async () => {
		await using temporary = await temporaryDaemon();
		for (const [method, path] of [
			["GET", "/api/nothing"],
			["DELETE", "/api/memories"],
			["GET", "/api/memories/"],
			["GET", "/api/Memories"],
		] as const) {
			const { status, json } = await temporary.send(method, path);
			expect([path, status, json.code]).toEqual([path, 404, "no_route"]);
		}
	});

	test("may be HEAD wherever they may be GET", async () => {
		await using temporary = await temporaryDaemon();
		const { status, text, headers } = await temporary.send("HEAD", "/health");
		expect([status, text]).toEqual([200, ""]);
		expect(headers.get("content-type")).toBe("application/json");
	});
});

test("the log tells of the start, in a file for its owner alone", async () => {
	await using temporary = await temporaryDaemon();
	const { json } = await temporary.send("GET", "/api/logs?category=daemon");
	expect(json.logs[0].message).toBe(`listening at ${temporary.daemon.url}`);
	expect((await temporary.send("GET", "/api/logs?level=loud")).status).toBe(400);
});

test("a changed configuration holds without a restart, and a broken one is told of", async () => {
	await using temporary = await temporaryDaemon();
	const [file = ""] = temporary.daemon.paths.configFiles;
	writeFileSync(file, "embedding:\n  provider: none\nsearch:\n  profile: reference\n  top_k: lots\n");
	const { json } = await temporary.send("GET", "/api/status");
	expect(json.search.profile).toBe("reference");
	expect(json.embedding.provider).toBe("none");
	expect(json.warnings).toEqual(['search.top_k: "lots" is no number from 1 to 1000; 20 is used']);
});

test("a file that breaks while the daemon runs leaves its settings in force, and that is told in answers and in the log", async () => {
	await using temporary = await temporaryDaemon("embedding:\n  provider: none\nsearch:\n  top_k: 33\n");
	const [file = ""] = temporary.daemon.paths.configFiles;
	expect((await temporary.send("GET", "/api/status")).json.configuration).toEqual({ file, isInForce: true });
	writeFileSync(file, "embedding:\n  provider: none\nsearch:\n  top_k: [44\nfeatures: {}\n");
	const { json } = await temporary.send("GET", "/api/status");
	expect(json.search.top_k).toBe(33);
	expect(json.configuration).toEqual({ file, isInForce: false });
	expect(json.warnings[0]).toMatch(
		/^agent\.yaml:\d+:\d+: not valid YAML \(.+\); the settings from before stay in force$/,
	);
	expect(temporary.log.filter(({ message }) => message === json.warnings[0])).toHaveLength(1);
	writeFileSync(file, "embedding:\n  provider: none\nsearch:\n  top_k: 44\n");
	const mended = await temporary.send("GET", "/api/status");
	expect(mended.json).toMatchObject({ search: { top_k: 44 }, warnings: [], configuration: { isInForce: true } });
});

test("every route describes itself", async () => {
	await using temporary = await temporaryDaemon();
	const { json } = await temporary.send("GET", "/openapi.json");
	expect(json.openapi).toBe("3.1.0");
	expect(Object.keys(json.paths).sort()).toEqual([
		"/api/auth/rotate",
		"/api/auth/token",
		"/api/auth/tokens",
		"/api/auth/tokens/{jti}",
		"/api/auth/whoami",
		"/api/diagnostics/update",
		"/api/embeddings",
		"/api/embeddings/health",
		"/api/embeddings/projection",
		"/api/embeddings/status",
		"/api/export/{kind}",
		"/api/features",
		"/api/hook/remember",
		"/api/hooks/compaction-complete",
		"/api/hooks/recall",
		"/api/hooks/remember",
		"/api/imports",
		"/api/imports/{id}/complete",
		"/api/imports/{id}/rows",
		"/api/imports/{id}/undo",
		"/api/logs",
		"/api/memories",
		"/api/memories/stats",
		"/api/memory/forget",
		"/api/memory/jobs/{id}",
		"/api/memory/jobs/{id}/retry",
		"/api/memory/modify",
		"/api/memory/recall",
		"/api/memory/remember",
		"/api/memory/save",
		"/api/memory/search",
		"/api/memory/{id}",
		"/api/memory/{id}/erase",
		"/api/memory/{id}/history",
		"/api/memory/{id}/recover",
		"/api/memory/{id}/restore",
		"/api/secret-store/unlock",
		"/api/secrets",
		"/api/secrets/approvals",
		"/api/secrets/approvals/{id}/approve",
		"/api/secrets/approvals/{id}/deny",
		"/api/secrets/exec",
		"/api/secrets/guard/clean",
		"/api/secrets/policies",
		"/api/secrets/{name}",
		"/api/secrets/{name}/exec",
		"/api/secrets/{name}/policy",
		"/api/status",
		"/api/update/check",
		"/api/update/config",
		"/api/update/run",
		"/health",
		"/memory/search",
		"/memory/similar",
	]);
	const remember = json.paths["/api/memory/remember"].post;
	expect(remember.requestBody.content["application/json"].schema).toMatchObject({
		type: "object",
		required: ["content"],
	});
	expect(remember.responses["400"].content["application/json"].schema).toEqual({ $ref: "#/components/schemas/Error" });
	const list = json.paths["/api/memories"].get;
	expect(list.parameters.map(({ name }: { name: string }) => name)).toContain("importance_min");
});
