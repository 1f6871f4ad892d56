import { describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StartupError } from "@signet/core";
import { realWorld } from "@signet/core/world";
import { ConfigFile } from "../config/config-file.ts";
import { authSettingsOf } from "./auth-settings.ts";

/** What a configuration comes to: the mode, or why nothing starts with it, by the name of the file alone. */
function outcome(text: string, host = "localhost"): string {
	const root = mkdtempSync(join(tmpdir(), "signet-auth-settings-"));
	try {
		writeFileSync(join(root, "agent.yaml"), text);
		return read(root, host);
	} finally {
		rmSync(root, { recursive: true });
	}
}

function read(root: string, host = "localhost"): string {
	const config = new ConfigFile([join(root, "agent.yaml")], realWorld.clock, {}, () => undefined);
	try {
		return authSettingsOf(config, host).mode;
	} catch (error) {
		if (error instanceof StartupError) return error.message.replace(`${root}/`, "");
		throw error;
	}
}

describe("the mode is that which was meant", () => {
	test.each([
		["", "local"],
		["auth: {}", "local"],
		["auth:\n  mode: local", "local"],
		["auth:\n  mode: team", "team"],
		["auth:\n  mode: team  # ask everybody", "team"],
		["auth: {mode: team}", "team"],
		['auth:\n  mode: "hybrid"\r\n', "hybrid"],
		["{auth: {mode: hybrid}}", "hybrid"],
		["auth:\n  mode: team\n  rateLimits:\n    unknownOp:\n      max: 1\n", "team"],
		["auth:\n  method: none\n  chainId: 1\n", "local"],
	])("%p", (text, mode) => {
		expect(outcome(text)).toBe(mode);
	});
});

describe("nothing starts, and the file and the line are named, with", () => {
	test.each([
		["# mine\nauth:\n  mode: Team\n", 'agent.yaml:3: auth.mode: "Team" is none of local, team, hybrid'],
		["auth:\n  mode: [team]\n", 'agent.yaml:2: auth.mode: ["team"] is none of local, team, hybrid'],
		["auth:\n  mode: true\n", "agent.yaml:2: auth.mode: true is none of local, team, hybrid"],
		["auth: team\n", "agent.yaml:1: auth: it is no section with settings under it"],
		["auth:\n  - mode: team\n", "agent.yaml:1: auth: it is no section with settings under it"],
		["auth:\n  mod: team\n", "agent.yaml:2: auth.mod: there is no such setting"],
		[
			"auth:\n  mode: team\n  trustedProxys: [10.0.0.1]\n",
			"agent.yaml:3: auth.trustedProxys: there is no such setting",
		],
		["auth:\n  mode: team\n  requireScope: sometimes\n", "agent.yaml:3: auth.requireScope: "],
		["auth:\n  mode: team\n  rateLimits:\n    admin:\n      max: none\n", "agent.yaml:5: auth.rateLimits.admin.max: "],
		["auth:\n  mode: team\n  rateLimits:\n    admin:\n      max: -1\n", "agent.yaml:5: auth.rateLimits.admin.max: "],
		[
			"auth:\n  mode: team\n  trustedProxies: [10.0.0.0/40]\n",
			'agent.yaml:3: auth.trustedProxies: "10.0.0.0/40" is no address',
		],
		["auth:\n  mode: team\n\nauth:\n  allowedHosts: [box]\n", "agent.yaml:4: auth stands here again"],
		["auth:\n  mode: team\n  mode: local\n", "agent.yaml:3: mode stands here again"],
		["auth:\n  mode: team\nsearch: [\n", "and it says something of auth"],
		["Auth:\n  mode: team\n", "agent.yaml:1: Auth: there is no such setting; did you mean auth?"],
		["auth.mode: team\n", "agent.yaml:1: auth.mode: there is no such setting; write mode in a section auth"],
		["authentication:\n  mode: team\n", "agent.yaml:1: authentication: there is no such setting"],
		["auth:\n  mode:\n", "agent.yaml:2: auth.mode: it has no value, such as local, team, hybrid"],
		['auth:\n  mode: ""\n', "agent.yaml:2: auth.mode: it has no value, such as local, team, hybrid"],
	])("%p", (text, refusal) => {
		expect(outcome(text)).toContain(refusal);
	});

	test.each([
		["a folder", (file: string) => mkdirSync(file)],
		["a link to nowhere", (file: string) => symlinkSync("nowhere", file)],
	])("%s in the place of the file", (_, make) => {
		const root = mkdtempSync(join(tmpdir(), "signet-auth-no-file-"));
		make(join(root, "agent.yaml"));
		expect(read(root)).toContain("agent.yaml cannot be read");
		rmSync(root, { recursive: true });
	});

	test("a file that cannot be read", () => {
		const root = mkdtempSync(join(tmpdir(), "signet-auth-unreadable-"));
		writeFileSync(join(root, "agent.yaml"), `auth:\n  mode: team\n${"# filler\n".repeat(200_000)}`);
		expect(read(root)).toContain("agent.yaml cannot be read");
		rmSync(root, { recursive: true });
	});
});

test("what stands wrongly elsewhere keeps nobody from starting", () => {
	expect(outcome("search:\n  top_k: lots\nauth:\n  mode: team\n")).toBe("team");
	expect(outcome("search: [\n")).toBe("local");
	expect(outcome("author: Ana\nauthors: [Ana, Ben]\n")).toBe("local");
});

describe("an address that others reach", () => {
	test("is served with tokens, or when it is wanted without", () => {
		expect(outcome("", "0.0.0.0")).toContain("without a token");
		expect(outcome("auth:\n  mode: team\n", "0.0.0.0")).toBe("team");
		expect(outcome("auth:\n  mode: hybrid\n", "192.168.1.5")).toBe("hybrid");
		expect(outcome("auth:\n  allowInsecureRemote: true\n", "0.0.0.0")).toBe("local");
	});
});
