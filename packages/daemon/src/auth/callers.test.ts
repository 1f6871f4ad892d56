import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { bearing, guardedDaemon, UNLIMITED } from "../testing/guarded-daemon.ts";
import { temporaryDaemon } from "../testing/temporary-daemon.ts";

const clientToken = (file: string) => ({ authorization: `Bearer ${readFileSync(file, "utf8")}` });

describe("in mode team", () => {
	test("nobody in particular hears that the daemon lives, and nothing else", async () => {
		await using daemon = await guardedDaemon("  mode: team\n");
		expect((await daemon.send("GET", "/health")).json).toEqual({ status: "healthy", db: true });
		expect((await daemon.send("GET", "/")).status).toBe(200);
		const refused = await daemon.send("GET", "/api/memories");
		expect([refused.status, refused.json.error]).toEqual([401, "authentication required"]);
		expect(refused.headers.get("www-authenticate")).toBe("Bearer");
		const known = await daemon.send("GET", "/health", undefined, bearing("readonly"));
		expect(known.json).toMatchObject({ status: "healthy", db: true, agentsDir: daemon.root, pid: process.pid });
	});

	test("programs of this user get in by a file for them alone, as long as the daemon runs", async () => {
		const daemon = await guardedDaemon("  mode: team\n");
		const { clientTokenFile } = daemon.daemon.paths;
		expect(statSync(clientTokenFile).mode & 0o777).toBe(0o600);
		const me = clientToken(clientTokenFile);
		const { json } = await daemon.send("POST", "/api/memory/remember", { content: "Said by its owner" }, me);
		const history = await daemon.send("GET", `/api/memory/${json.id}/history`, undefined, me);
		expect(history.json.history[0]).toMatchObject({ changedBy: "owner", actorType: "admin" });
		await daemon.daemon.stop();
		expect(existsSync(clientTokenFile)).toBe(false);
		await using next = await temporaryDaemon("auth:\n  mode: team\n", { root: daemon.root });
		expect((await next.send("GET", "/api/memories", undefined, me)).json.error).toBe("unknown token");
	});

	test("a token that is made is shown once, listed without itself, and ends when it is revoked", async () => {
		await using daemon = await guardedDaemon(`  mode: team\n${UNLIMITED}`);
		const admin = bearing("admin", {}, "ana");
		const body = { role: "agent", sub: "ci", scope: { project: "/srv/shop" } };
		const { token, jti } = (await daemon.send("POST", "/api/auth/token", body, admin)).json;
		const it = { authorization: `Bearer ${token}` };
		expect((await daemon.send("GET", "/api/auth/whoami", undefined, it)).json.claims).toMatchObject({ ...body, jti });
		const { json, text } = await daemon.send("GET", "/api/auth/tokens", undefined, admin);
		expect(json.tokens).toMatchObject([{ jti, ...body, issuedBy: "ana", state: "valid" }]);
		expect(text).not.toContain(token);
		expect((await daemon.send("DELETE", `/api/auth/tokens/${jti}`, undefined, admin)).json).toEqual({
			jti,
			revoked: true,
		});
		expect((await daemon.send("GET", "/api/auth/whoami", undefined, it)).json.error).toBe("token revoked");
		expect((await daemon.send("DELETE", `/api/auth/tokens/${jti}`, undefined, admin)).status).toBe(404);
	});

	test("another key lets tokens from before hold for the grace, and the owner is not locked out", async () => {
		await using daemon = await guardedDaemon(`  mode: team\n${UNLIMITED}`);
		const owner = () => clientToken(daemon.daemon.paths.clientTokenFile);
		const old = bearing("agent");
		const isIn = async (headers: { authorization: string }) =>
			(await daemon.send("GET", "/api/auth/whoami", undefined, headers)).status === 200;
		expect((await daemon.send("POST", "/api/auth/rotate", { graceSeconds: 60 }, owner())).json.rotated).toBe(true);
		expect([await isIn(old), await isIn(owner())]).toEqual([true, true]);
		expect((await daemon.send("POST", "/api/auth/rotate", { graceSeconds: 0 }, owner())).status).toBe(200);
		expect([await isIn(old), await isIn(owner())]).toEqual([false, true]);
		expect((await daemon.send("POST", "/api/auth/rotate", { graceSeconds: 1e9 }, owner())).status).toBe(400);
	});

	test("a mode that is taken out of the file while the daemon runs stays in force", async () => {
		await using daemon = await guardedDaemon("  mode: team\n");
		const [file = ""] = daemon.daemon.paths.configFiles;
		writeFileSync(file, "auth:\n  mode: local\n  allowedHosts: []\n");
		expect((await daemon.send("GET", "/api/memories")).status).toBe(401);
		writeFileSync(file, "");
		expect((await daemon.send("GET", "/api/memories")).status).toBe(401);
	});

	test("whoever sends many tokens that do not hold is told to wait; one that holds gets in all the same", async () => {
		await using daemon = await guardedDaemon("  mode: team\n");
		const statuses: number[] = [];
		for (let n = 0; n < 32; n++) {
			statuses.push((await daemon.send("GET", "/api/memories", undefined, { authorization: "Bearer a.b" })).status);
		}
		expect(statuses).toEqual([...Array(30).fill(401), 429, 429]);
		expect((await daemon.send("GET", "/api/memories", undefined, bearing("readonly"))).status).toBe(200);
		expect((await daemon.send("GET", "/api/memories")).status).toBe(401);
	});
});

describe("in mode hybrid", () => {
	test("whoever sits here needs no token, and one that does not hold helps nobody", async () => {
		await using daemon = await guardedDaemon("  mode: hybrid\n");
		expect((await daemon.send("GET", "/api/memories")).status).toBe(200);
		const bad = { authorization: "Bearer a.b" };
		expect((await daemon.send("GET", "/api/memories", undefined, bad)).json.error).toBe("invalid signature");
		expect((await daemon.send("GET", "/health", undefined, bad)).status).toBe(401);
		const reader = await daemon.send("POST", "/api/memory/remember", { content: "x" }, bearing("readonly"));
		expect(reader.status).toBe(403);
	});

	test.each([
		{ "x-forwarded-for": "127.0.0.1" },
		{ forwarded: "for=127.0.0.1" },
		{ "x-real-ip": "127.0.0.1" },
		{ via: "1.1 nginx" },
		{ "x-forwarded-proto": "https" },
	])("whoever comes through a proxy needs one (%p)", async (headers) => {
		await using daemon = await guardedDaemon("  mode: hybrid\n");
		expect((await daemon.send("GET", "/api/memories", undefined, headers)).status).toBe(401);
		expect((await daemon.send("GET", "/api/memories", undefined, { ...headers, ...bearing("readonly") })).status).toBe(
			200,
		);
	});

	test("so does whoever calls us by a name that others have too, or comes through a proxy that is trusted", async () => {
		await using daemon = await guardedDaemon("  mode: hybrid\n  allowedHosts: [signet.lan]\n");
		expect((await daemon.send("GET", "/api/memories", undefined, { host: "signet.lan" })).status).toBe(401);
		await using behind = await guardedDaemon("  mode: hybrid\n  trustedProxies: [127.0.0.1]\n");
		expect((await behind.send("GET", "/api/memories")).status).toBe(401);
	});
});

describe("limits", () => {
	test("are answered with when to come back, whatever a caller calls itself", async () => {
		await using daemon = await guardedDaemon("  mode: team\n  rateLimits:\n    modify:\n      max: 1\n");
		const before = Date.now();
		const patch = (headers: Record<string, string>) =>
			daemon.send("PATCH", "/api/memory/none", { reason: "r", tags: "x" }, { ...bearing("agent"), ...headers });
		expect((await patch({})).status).toBe(404);
		const refused = await patch({ "x-signet-actor": "somebody-new", "x-forwarded-for": "203.0.113.7" });
		expect(refused.status).toBe(429);
		expect(refused.json).toMatchObject({ error: "rate limit exceeded", code: "rate_limited" });
		expect(refused.json.retryAfter).toBeGreaterThan(before + 50_000);
		expect(Number(refused.headers.get("retry-after"))).toBeWithin(50, 61);
		const other = bearing("agent", {}, "another");
		expect((await daemon.send("PATCH", "/api/memory/none", { reason: "r", tags: "x" }, other)).status).toBe(404);
	});

	test("of forgetting what is pinned hold beside those of forgetting", async () => {
		await using daemon = await guardedDaemon("  mode: team\n  rateLimits:\n    forceDelete:\n      max: 1\n");
		const forget = (body: object) =>
			daemon.send("DELETE", "/api/memory/none", { reason: "r", ...body }, bearing("agent"));
		expect((await forget({ force: true })).status).toBe(404);
		expect((await forget({ force: true })).status).toBe(429);
		expect((await forget({})).status).toBe(404);
	});
});

describe("the history", () => {
	const remember = { content: "The deploy runs on Tuesdays" };
	const headers = { "x-signet-actor": "mallory", "x-signet-actor-type": "daemon", "x-signet-session-id": "s-1" };

	test("names whom the token names, whatever else is said", async () => {
		await using daemon = await guardedDaemon("  mode: team\n");
		const me = { ...headers, ...bearing("agent", {}, "writer") };
		const { json } = await daemon.send("POST", "/api/memory/remember", { ...remember, changed_by: "eve" }, me);
		const { history } = (await daemon.send("GET", `/api/memory/${json.id}/history`, undefined, me)).json;
		expect(history).toMatchObject([{ changedBy: "writer", actorType: "agent", sessionId: "s-1" }]);
		expect(history[0].metadata.unverified).toBeUndefined();
	});

	test("says where somebody only called themselves that", async () => {
		await using daemon = await temporaryDaemon();
		const { json } = await daemon.send("POST", "/api/memory/remember", remember, headers);
		await daemon.send("DELETE", `/api/memory/${json.id}`, { reason: "old" }, headers);
		const { history } = (await daemon.send("GET", `/api/memory/${json.id}/history`)).json;
		expect(history).toHaveLength(2);
		for (const event of history) {
			expect(event).toMatchObject({ changedBy: "mallory", actorType: "daemon", metadata: { unverified: true } });
		}
	});
});

describe("the log", () => {
	test("tells who was turned away, from where and why, without the token, and not of each of many", async () => {
		await using daemon = await guardedDaemon("  mode: team\n");
		for (let n = 0; n < 8; n++)
			await daemon.send("GET", "/api/memory/some-id", undefined, { authorization: "Bearer sec.ret" });
		await daemon.send("POST", "/api/memory/remember", { content: "x" }, bearing("readonly"));
		await daemon.send("GET", "/api/memories", undefined, { origin: "https://evil.example" });
		const told = daemon.log.filter(({ category }) => category === "security");
		expect(told.map(({ level, data }) => [level, data?.status, data?.code, data?.route, data?.address])).toEqual([
			...Array(5).fill(["warn", 401, "unauthenticated", "/api/memory/:id", "127.0.0.1"]),
			["warn", 403, "forbidden", "/api/memory/remember", "127.0.0.1"],
			["warn", 403, "forbidden_origin", "/api/memories", "127.0.0.1"],
		]);
		expect(JSON.stringify(told)).not.toContain("sec.ret");
		const { security } = (await daemon.send("GET", "/api/status", undefined, bearing("operator"))).json;
		expect(security.refused).toEqual({ unauthenticated: 8, forbidden: 1, forbidden_origin: 1 });
		expect((await daemon.send("GET", "/api/status", undefined, bearing("agent"))).json.security).toBeUndefined();
	});

	test("says at the start who can reach the daemon, when that is more than usual", async () => {
		await using daemon = await guardedDaemon("  mode: team\n", { host: "0.0.0.0" });
		expect(daemon.log.find(({ message }) => message.startsWith("auth.mode"))).toMatchObject({
			level: "warn",
			message: "auth.mode is team, and whoever reaches 0.0.0.0 can send requests",
		});
	});
});

test("nothing of tokens is looked at or made in mode local", async () => {
	await using daemon = await temporaryDaemon();
	for (const authorization of ["Bearer nonsense", bearing("readonly").authorization]) {
		const { status, json } = await daemon.send(
			"POST",
			"/api/memory/remember",
			{ content: "Said here" },
			{ authorization },
		);
		expect([status, json.type]).toEqual([200, "fact"]);
	}
	expect((await daemon.send("GET", "/api/auth/tokens")).json.error).toBe("auth secret not available (local mode?)");
	const { authSecretFile, clientTokenFile, authTokensFile } = daemon.daemon.paths;
	expect([authSecretFile, clientTokenFile, authTokensFile].filter((file) => existsSync(file))).toEqual([]);
});
