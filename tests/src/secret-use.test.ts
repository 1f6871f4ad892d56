import { afterAll, beforeAll, expect, test } from "bun:test";
import { realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { realWorld } from "@signet/core/world";
import { type RunningDaemon, startDaemon } from "@signet/daemon";
import { MemoryVault } from "@signet/secrets/testing";
import { Home, type Outcome } from "./home.ts";

const KEY = "sk_live_51Hxyz0000000";
const PATH = "/usr/local/bin:/usr/bin:/bin";
const home = new Home();
let daemon: RunningDaemon;

beforeAll(async () => {
	daemon = await startDaemon({
		root: home.paths.root,
		host: "127.0.0.1",
		port: 0,
		env: { HOME: home.folder, PATH },
		world: realWorld,
		vault: new MemoryVault({ API_KEY: KEY, DB_PASSWORD: "correct horse battery" }),
	});
});
afterAll(async () => {
	await daemon.stop();
	await home[Symbol.asyncDispose]();
});

function secret(...args: string[]): Promise<Outcome> {
	return home.run(["secret", ...args], { env: { NO_COLOR: "1" } });
}

test("a command is run where one is, as in a terminal, and its outputs and exit status are its own", async () => {
	const ran = await secret(
		"exec",
		"-s",
		"API_KEY",
		"-s",
		"DB_PASSWORD=PASS",
		"--",
		"pwd; echo $API_KEY $PASS; echo no >&2; exit 7",
	);
	expect(ran).toEqual({ code: 7, stdout: `${realpathSync(home.folder)}\n[REDACTED] [REDACTED]\n`, stderr: "no\n" });
});

test("several words are a program and its arguments", async () => {
	const ran = await secret("exec", "-s", "API_KEY", "--no-cwd", "--", "printf", "%s|", "$API_KEY", "a; b");
	expect(ran).toEqual({ code: 0, stdout: "$API_KEY|a; b|", stderr: "" });
});

test("what takes too long is ended, and that is said", async () => {
	const ran = await secret("exec", "-s", "API_KEY", "--timeout", "0.2", "--", "echo begun; exec sleep 100");
	expect([ran.code, ran.stdout]).toEqual([1, "begun\n"]);
	expect(ran.stderr).toContain("it took too long");
});

test("mistakes are told, with what to do", async () => {
	expect(await secret("exec", "-s", "API_KEY")).toMatchObject({
		code: 2,
		stderr: expect.stringContaining("not said what to run"),
	});
	expect(await secret("exec", "--", "true")).toMatchObject({
		code: 2,
		stderr: expect.stringContaining("which secrets"),
	});
	expect(await secret("exec", "-s", "A=B=C", "--", "true")).toMatchObject({ code: 2 });
	expect(await secret("exec", "-s", "API_KEY=PATH", "--", "true")).toMatchObject({
		code: 2,
		stderr: expect.stringContaining("PATH must not be set"),
	});
	expect(await secret("exec", "-s", "API_KEY", "--cwd", "/etc", "--", "pwd")).toMatchObject({
		code: 4,
		stderr: expect.stringContaining("--no-cwd"),
	});
	expect(await secret("exec", "-s", "GONE", "--", "true")).toMatchObject({
		code: 1,
		stderr: expect.stringContaining("Secret 'GONE' not found"),
	});
});

test("a policy is set and shown; what waits is shown, allowed and then done", async () => {
	const set = await secret("policy", "API_KEY", "--command", "echo ...", "--otherwise", "ask");
	expect(set.stdout).toContain("commands like `echo ...`, else ask");
	expect((await secret("policy")).stdout).toContain("allow (secrets.use)");
	expect((await secret("exec", "-s", "API_KEY", "--", "echo a")).stdout).toBe("a\n");
	const asked = await secret("exec", "-s", "API_KEY", "--", "printf b");
	expect([asked.code, asked.stdout]).toEqual([4, ""]);
	const [, id = ""] = /signet secret approve (\w+)/.exec(asked.stderr) ?? [];
	const waiting = await secret("approvals");
	expect(waiting.stdout).toMatch(new RegExp(`${id}.*pending.*cli \\(operator\\).*API_KEY.*printf b`));
	expect((await secret("approve", id)).stdout).toContain(`${id} approved: printf b`);
	expect((await secret("exec", "-s", "API_KEY", "--", "printf b")).stdout).toBe("b");
	const again = await home.run(["secret", "exec", "-s", "API_KEY", "--json", "--", "printf b"]);
	expect(JSON.parse(again.stdout)).toMatchObject({ exitCode: 4 });
	expect((await secret("deny", "nobody")).code).toBe(5);
	const narrowed = await secret("policy", "API_KEY", "--use", "ask", "--role", "operator");
	expect(narrowed.stdout).toContain("ask; to operator; commands like `echo ...`, else ask");
	expect((await secret("policy", "API_KEY", "--caller", "cli")).stdout).toContain("ask; to operator; for cli;");
	expect((await secret("policy", "API_KEY", "--host", "api.example.com")).stdout).toContain("curl to api.example.com");
	expect((await secret("policy", "API_KEY", "--host", "https://a.example")).stderr).toContain("hosts must be a list");
	expect((await secret("policy", "API_KEY", "--reset", "--use", "deny")).stdout).toContain("API_KEY     deny\n");
	expect((await secret("policy", "API_KEY", "--reset")).stdout).toContain("API_KEY     allow\n");
	expect((await secret("policy", "APl_KEY", "--use", "deny")).stderr).toContain("There is no secret APl_KEY yet");
	expect((await secret("policy", "--use", "deny")).code).toBe(2);
	expect((await secret("policy", "API_KEY", "--use", "sometimes")).stderr).toContain("allow, ask, deny");
});

test("an export has no value, not even in the files that go along", async () => {
	writeFileSync(join(home.paths.root, "AGENTS.md"), `# Agent\n\nUse ${KEY} for billing.\n`);
	const { path } = await home.json("export", "bundle.json");
	const text = await Bun.file(path).text();
	expect(text).toContain("Use [secret:API_KEY] for billing.");
	expect(text).not.toContain(KEY);
});
