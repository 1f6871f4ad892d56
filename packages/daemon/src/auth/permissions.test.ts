import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { realWorld } from "@signet/core/world";
import { Hono } from "hono";
import { OutgoingAnswers } from "../http/outgoing-answers.ts";
import { type RouteContract, Routes } from "../http/route.ts";
import { bearing, guardedDaemon, UNLIMITED } from "../testing/guarded-daemon.ts";
import type { TemporaryDaemon } from "../testing/temporary-daemon.ts";
import { type AppEnv, demandAccessOfAll } from "./guard.ts";
import { PERMISSIONS, ROLES, type Role } from "./permissions.ts";
import { accessOfUnanswered, ROUTE_ACCESS, type RouteAccess } from "./route-access.ts";

/** Who has which permission: as the contract says, and not as the program does. */
const MAY: Readonly<Record<Role, readonly string[]>> = {
	admin: [...PERMISSIONS],
	operator: "remember recall modify forget recover documents secrets connectors diagnostics analytics".split(" "),
	agent: "remember recall modify forget recover documents secrets".split(" "),
	readonly: ["recall"],
};

/** Who asks, and how. */
interface Asking {
	readonly name: string;
	readonly headers: Readonly<Record<string, string>>;
	/** Whether it is trusted without a token, by the mode; a token that is sent counts all the same. */
	readonly role?: Role;
	readonly isScoped?: boolean;
	readonly hasBadToken?: boolean;
	readonly isForwarded?: boolean;
}

const FORWARDED = { "x-forwarded-for": "203.0.113.9" };
const askers: readonly Asking[] = [
	{ name: "nobody", headers: {} },
	{ name: "nobody, by a proxy", headers: FORWARDED, isForwarded: true },
	{ name: "a token that does not hold", headers: { authorization: "Bearer abc.def" }, hasBadToken: true },
	...ROLES.map((role) => ({ name: role, role, headers: bearing(role) })),
	...ROLES.map((role) => ({
		name: `${role} of a project, by a proxy`,
		role,
		headers: { ...bearing(role, { project: "p" }), ...FORWARDED },
		isScoped: role !== "admin",
		isForwarded: true,
	})),
];

type Mode = "local" | "team" | "hybrid";
const MODES: readonly Mode[] = ["local", "team", "hybrid"];
const routes = Object.entries<RouteAccess>(ROUTE_ACCESS).map(([key, access]) => {
	const [method = "", path = ""] = key.split(" ");
	return { key, method, path: path.replace(/:\w+/g, "none").replace("/*", "/api/memory/recall"), access };
});

/** The status with which a request has to be turned away; undefined where it has to come through. */
function refusal(mode: Mode, asking: Asking, { permission, scope }: RouteAccess): 401 | 403 | undefined {
	if (mode === "local") return undefined;
	if (asking.hasBadToken) return 401;
	if (permission === "public") return undefined;
	if (!asking.role) return mode === "hybrid" && !asking.isForwarded ? undefined : 401;
	if (permission !== "authenticated" && !MAY[asking.role].includes(permission)) return 403;
	return scope === "whole" && asking.isScoped ? 403 : undefined;
}

describe.each(MODES)("in mode %s", (mode) => {
	let daemon: TemporaryDaemon;
	beforeAll(async () => {
		daemon = await guardedDaemon(`  mode: ${mode}\n${UNLIMITED}`);
	});
	afterAll(() => daemon[Symbol.asyncDispose]());

	test.each(askers)("$name gets what the table gives", async (asking) => {
		const wrong: string[] = [];
		for (const { key, method, path, access } of routes) {
			// A body that no route takes: whoever gets through is told that, and nothing happens.
			const body = method === "GET" || method === "OPTIONS" ? undefined : "[1]";
			const { status, json } = await daemon.send(method, path, body, { ...asking.headers });
			const wanted = refusal(mode, asking, access);
			const isRefused = status === 401 || status === 403;
			// From so many of them on it is told to wait.
			if (asking.hasBadToken && wanted === 401 && status === 429) continue;
			if (wanted === undefined ? isRefused : status !== wanted || typeof json?.error !== "string") {
				wrong.push(`${key}: ${status}, wanted ${wanted ?? "to get through"} (${access.permission})`);
			}
		}
		expect(wrong).toEqual([]);
	});
});

describe("every route", () => {
	test("that a daemon has stands in the table, and no other is served", async () => {
		await using daemon = await guardedDaemon("  mode: team\n");
		const { json } = await daemon.send("GET", "/openapi.json", undefined, bearing("readonly"));
		const served = Object.entries<object>(json.paths).flatMap(([path, operations]) =>
			Object.keys(operations).map((method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ":$1")}`),
		);
		expect(served.length).toBeGreaterThan(40);
		expect(served.filter((key) => !(key in ROUTE_ACCESS))).toEqual([]);
	});

	test("has to stand there, or nothing starts", () => {
		const app = new Hono();
		app.use(async (_context, next) => next());
		app.get("/health", (context) => context.text("fine"));
		expect(() => demandAccessOfAll(app.routes)).not.toThrow();
		app.post("/api/backdoor", (context) => context.text("open"));
		expect(() => demandAccessOfAll(app.routes)).toThrow("nothing says who may call POST /api/backdoor");
	});

	test("has to stand there, or it is no route for the type checker either", () => {
		const rest = { summary: "A way in that nobody thought of", answers: () => ({}) };
		// @ts-expect-error: the table does not have it
		const unknown = { method: "GET", path: "/api/backdoor", ...rest } satisfies RouteContract;
		// @ts-expect-error: nor with this method
		const otherwise = { method: "DELETE", path: "/api/memories", ...rest } satisfies RouteContract;
		const bodies = { read: async () => new Uint8Array() };
		const routes = new Routes(new Hono<AppEnv>(), bodies, new OutgoingAnswers(realWorld), { spend: () => undefined });
		for (const contract of [unknown, otherwise]) {
			// @ts-expect-error: as above
			expect(() => routes.add(contract, () => ({}))).toThrow("nothing says who may call");
		}
	});

	test("asks for a permission that somebody below an administrator lacks, if it can do harm", () => {
		const harmless = new Set([
			"public",
			"authenticated",
			"recall",
			"remember",
			"modify",
			"forget",
			"recover",
			"documents",
		]);
		const byMany = routes.filter(({ access }) => harmless.has(access.permission)).map(({ key }) => key);
		const dangerous =
			/secrets|config|tasks|skills\/install|git|update|repair|connectors|harnesses|token|rotate|import|export|erase/;
		// The one that only tells how summaries are made.
		expect(byMany.filter((key) => dangerous.test(key))).toEqual(["GET /api/hooks/synthesis/config"]);
	});
});

describe("what is not answered", () => {
	test.each([
		["GET", "/api/auth/token", { permission: "admin", scope: "none", rate: "admin" }],
		["POST", "/api/secrets/exec", { permission: "admin", scope: "none", rate: "exec" }],
		["PUT", "/api/memory/some-id", { permission: "recall", scope: "filter" }],
		["POST", "/api/nothing", { permission: "authenticated", scope: "none" }],
		["POST", "/api/memory//recover", { permission: "authenticated", scope: "none" }],
	])("%s %s is asked of as its path is", (method, path, access) => {
		expect(accessOfUnanswered(method, path)).toEqual(access as RouteAccess);
	});
});
