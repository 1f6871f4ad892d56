import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
	chmodSync,
	existsSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EVERYTHING, parseSettings, StartupError, type WorkspacePaths, workspacePaths } from "@signet/core";
import { type SeededWorld, seededWorld } from "@signet/core/testing";
import { VECTOR_KEY } from "../testing/guarded-daemon.ts";
import { writeDurably } from "../workspace/runtime-files.ts";
import { readClientToken } from "./client-token.ts";
import { signToken } from "./token.ts";
import { Tokens } from "./tokens.ts";

const DAY_S = 86_400;
let root: string;
let paths: WorkspacePaths;
let world: SeededWorld;

beforeEach(() => {
	root = mkdtempSync(join(tmpdir(), "signet-tokens-"));
	paths = workspacePaths(root);
	world = seededWorld();
});
afterEach(() => rmSync(root, { recursive: true }));

const open = (yaml = "") => new Tokens({ paths, world, settings: parseSettings(yaml && `auth:\n${yaml}`).auth });
const agent = { role: "agent", scope: { project: "/srv/shop" } } as const;
const modeOf = (file: string) => statSync(file).mode & 0o777;
const refusalOf = (start: () => unknown) => {
	try {
		start();
	} catch (error) {
		if (error instanceof StartupError) return error.message;
		throw error;
	}
	return undefined;
};

describe("the key", () => {
	test("is made once, of 32 bytes, for its owner alone", () => {
		open();
		const key = readFileSync(paths.authSecretFile);
		expect([key.length, modeOf(paths.authSecretFile)]).toEqual([32, 0o600]);
		const { token } = open().issue(agent, "ana");
		expect(open().verify(token).claims?.sub).toBe("token:agent");
		expect(readFileSync(paths.authSecretFile)).toEqual(key);
	});

	test.each([0, 1, 31, 33, 64])("of %i bytes is refused, and left as it is", (length) => {
		writeDurably(paths.authSecretFile, new Uint8Array(length));
		expect(refusalOf(open)).toContain(`has ${length} bytes`);
		expect(statSync(paths.authSecretFile).size).toBe(length);
	});

	test("that a link leads to is refused", () => {
		const elsewhere = join(root, "elsewhere");
		writeFileSync(elsewhere, VECTOR_KEY);
		writeDurably(paths.daemonFile, "");
		symlinkSync(elsewhere, paths.authSecretFile);
		expect(refusalOf(open)).toContain("is no file");
	});

	test("that others could read is closed to them", () => {
		writeDurably(paths.authSecretFile, VECTOR_KEY);
		chmodSync(paths.authSecretFile, 0o644);
		open();
		expect(modeOf(paths.authSecretFile)).toBe(0o600);
	});

	test("of the earlier daemon keeps its tokens alive", () => {
		writeDurably(paths.authSecretFile, VECTOR_KEY);
		const claims = {
			sub: "agent-42",
			scope: EVERYTHING,
			role: "agent",
			iat: 1_767_225_600,
			exp: 4_102_444_800,
		} as const;
		expect(open().verify(signToken(claims, VECTOR_KEY))).toEqual({ claims });
	});
});

describe("a token", () => {
	test("says for whom it is and until when", () => {
		const tokens = open();
		const now = Math.floor(world.clock.now() / 1_000);
		const { token, jti, expiresAt } = tokens.issue({ ...agent, sub: "ci-runner-3", ttlSeconds: 90 }, "ana");
		expect(tokens.verify(token).claims).toEqual({ ...agent, sub: "ci-runner-3", iat: now, exp: now + 90, jti });
		expect(expiresAt).toBe(new Date((now + 90) * 1_000).toISOString());
	});

	test("is good for as long as configured, and for no longer than allowed", () => {
		const tokens = open("  defaultTokenTtlSeconds: 7200\n  maxTokenTtlSeconds: 10000\n");
		const { claims } = tokens.verify(tokens.issue(agent, "ana").token);
		expect((claims?.exp ?? 0) - (claims?.iat ?? 0)).toBe(7_200);
		for (const ttlSeconds of [10_001, 1e300, Number.POSITIVE_INFINITY, Number.NaN]) {
			expect(() => tokens.issue({ ...agent, ttlSeconds }, "ana")).toThrow("at most 10000");
		}
		const short = open("  maxTokenTtlSeconds: 60\n");
		const brief = short.verify(short.issue(agent, "ana").token).claims;
		expect((brief?.exp ?? 0) - (brief?.iat ?? 0)).toBe(60);
	});

	test("ends when it is revoked, also after a restart, and others go on", () => {
		const tokens = open();
		const [one, other] = [tokens.issue(agent, "ana"), tokens.issue(agent, "ana")];
		expect(tokens.revoke(one.jti)).toBe(true);
		expect(tokens.revoke(one.jti)).toBe(false);
		expect(tokens.revoke("nothing")).toBe(false);
		for (const each of [tokens, open()]) {
			expect(each.verify(one.token).problem).toBe("token revoked");
			expect(each.verify(other.token).claims?.jti).toBe(other.jti);
		}
	});

	test("that claims an id which nobody gave it does not hold, whoever had the key", () => {
		const tokens = open();
		const { jti } = tokens.issue(agent, "ana");
		const key = readFileSync(paths.authSecretFile);
		const claims = { sub: "x", scope: EVERYTHING, role: "admin", iat: 1_767_225_600, exp: 4_102_444_800 } as const;
		for (const forged of [signToken({ ...claims, jti }, key), signToken({ ...claims, jti: "made-up" }, key)]) {
			expect(tokens.verify(forged).problem).toBe("unknown token");
		}
	});

	test("is kept nowhere, only a hash of it", () => {
		const { token } = open().issue(agent, "ana");
		const [payload = "", mark = ""] = token.split(".");
		const listed = readFileSync(paths.authTokensFile, "utf8");
		expect(listed).not.toContain(payload);
		expect(listed).not.toContain(mark);
		expect(modeOf(paths.authTokensFile)).toBe(0o600);
	});

	test("without a scope is refused where scopes are required, but for administrators", () => {
		const free = open();
		const [unscoped, scoped, admin] = [
			free.issue({ role: "agent", scope: EVERYTHING }, "ana"),
			free.issue(agent, "ana"),
			free.issue({ role: "admin", scope: EVERYTHING }, "ana"),
		];
		const strict = open("  requireScope: true\n");
		expect(strict.verify(unscoped.token).problem).toContain("without scope");
		expect(strict.verify(scoped.token).claims?.scope).toEqual(agent.scope);
		expect(strict.verify(admin.token).claims?.role).toBe("admin");
		expect(() => strict.issue({ role: "operator", scope: EVERYTHING }, "ana")).toThrow("scope is required");
	});
});

describe("the list", () => {
	test("has all that were made, the latest first, with what became of them", async () => {
		const tokens = open();
		const brief = tokens.issue({ role: "readonly", scope: EVERYTHING, ttlSeconds: 60 }, "ana");
		const ended = tokens.issue(agent, "bo");
		const kept = tokens.issue({ ...agent, sub: "ci" }, "ana");
		tokens.revoke(ended.jti);
		await world.advance(61_000);
		expect(tokens.list().map(({ jti, sub, state, issuedBy }) => ({ jti, sub, state, issuedBy }))).toEqual([
			{ jti: kept.jti, sub: "ci", state: "valid", issuedBy: "ana" },
			{ jti: ended.jti, sub: "token:agent", state: "revoked", issuedBy: "bo" },
			{ jti: brief.jti, sub: "token:readonly", state: "expired", issuedBy: "ana" },
		]);
		expect(JSON.stringify(tokens.list())).not.toContain("hash");
		tokens.issue(agent, "ana");
		expect(tokens.list().map(({ jti }) => jti)).not.toContain(brief.jti);
	});

	test.each(["", "{", "[]", '{"version":2,"tokens":[]}', '{"version":1,"tokens":[{}]}'])(
		"that is %p is not taken for an empty one, which would let in what was revoked",
		(text) => {
			writeDurably(paths.authTokensFile, text);
			expect(refusalOf(open)).toContain(paths.authTokensFile);
			expect(readFileSync(paths.authTokensFile, "utf8")).toBe(text);
		},
	);
});

describe("another key", () => {
	test("lets tokens from before hold for the grace, also after a restart, and no longer", async () => {
		const tokens = open();
		const before = tokens.issue({ ...agent, ttlSeconds: 30 * DAY_S }, "ana");
		expect(tokens.rotate(2 * DAY_S)).toBe(new Date(world.clock.now() + 2 * DAY_S * 1_000).toISOString());
		const after = tokens.issue({ ...agent, ttlSeconds: 30 * DAY_S }, "ana");
		for (const each of [tokens, open()]) {
			expect(each.verify(before.token).claims?.jti).toBe(before.jti);
			expect(each.verify(after.token).claims?.jti).toBe(after.jti);
		}
		expect(modeOf(paths.previousAuthSecretFile)).toBe(0o600);
		await world.advance(2 * DAY_S * 1_000);
		for (const each of [tokens, open()]) {
			expect(each.verify(before.token).problem).toBe("invalid signature");
			expect(each.verify(after.token).claims?.jti).toBe(after.jti);
			expect(each.list().map(({ state }) => state)).toEqual(["valid", "stale"]);
		}
	});

	test("without grace ends them at once", () => {
		const tokens = open();
		const { token } = tokens.issue(agent, "ana");
		tokens.rotate(0);
		for (const each of [tokens, open()]) expect(each.verify(token).problem).toBe("invalid signature");
		expect(existsSync(paths.previousAuthSecretFile)).toBe(false);
	});
});

describe("the token of this machine's programs", () => {
	test("holds as long as the process, is listed nowhere, and follows the key", () => {
		const tokens = open();
		expect(readClientToken(paths)).toBeUndefined();
		tokens.issueClientToken();
		const token = readClientToken(paths) ?? "";
		expect(tokens.verify(token).claims).toMatchObject({ sub: "owner", role: "admin", scope: {} });
		expect(modeOf(paths.clientTokenFile)).toBe(0o600);
		expect(tokens.list()).toEqual([]);
		expect(open().verify(token).problem).toBe("unknown token");
		tokens.rotate(DAY_S);
		expect(tokens.verify(token).problem).toBe("unknown token");
		expect(tokens.verify(readClientToken(paths) ?? "").claims?.sub).toBe("owner");
		const last = readClientToken(paths) ?? "";
		tokens.removeClientToken();
		expect(readClientToken(paths)).toBeUndefined();
		expect(tokens.verify(last).problem).toBe("unknown token");
	});
});
