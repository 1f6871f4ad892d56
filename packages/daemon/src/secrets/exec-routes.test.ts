import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MemoryVault } from "@signet/secrets/testing";
import { type TemporaryDaemon, temporaryDaemon } from "../testing/temporary-daemon.ts";

const KEY = "pk_test_51Hxyz0000000";
const PASSWORD = "correct horse battery";
const vault = new MemoryVault({
	PAYMENT_KEY: KEY,
	DB_PASSWORD: PASSWORD,
	exec: "a-value-named-exec",
	constructor: "a-value-so-named",
});
const scratch = mkdtempSync(join(tmpdir(), "signet-exec-"));

let running: TemporaryDaemon;
beforeAll(async () => {
	running = await temporaryDaemon("secrets:\n  timeoutMs: 20000\n", {
		vault,
		env: { PATH: process.env.PATH, HOME: scratch },
	});
});
afterAll(async () => {
	await running[Symbol.asyncDispose]();
	rmSync(scratch, { recursive: true, force: true });
});

const post = (path: string, body?: unknown, headers?: Record<string, string>) =>
	running.send("POST", `/api/secrets/${path}`, body, headers);

async function until(holds: () => boolean): Promise<void> {
	while (!holds()) await Bun.sleep(5);
}

describe("running a command", () => {
	test("with the secrets that a map names, or with the one of the path", async () => {
		const general = await post("exec", {
			command: 'printf %s $A; echo " $B"',
			secrets: { A: "PAYMENT_KEY", B: "DB_PASSWORD" },
		});
		expect([general.status, general.json]).toEqual([200, { stdout: "[REDACTED] [REDACTED]\n", stderr: "", code: 0 }]);
		const one = await post("PAYMENT_KEY/exec", { command: `printf %s "\${#PAYMENT_KEY}"`, secrets: null });
		expect(one.json).toEqual({ stdout: "21", stderr: "", code: 0 });
		const renamed = await post("PAYMENT_KEY/exec", {
			command: `echo \${PAYMENT_KEY:-unset} $K`,
			secrets: { K: "DB_PASSWORD" },
		});
		expect(renamed.json.stdout).toBe("unset [REDACTED]\n");
	});

	test("of words, in a folder, within a time", async () => {
		const words = await post("exec", { argv: ["pwd"], secrets: { K: "PAYMENT_KEY" }, cwd: scratch });
		expect(words.json.stdout.trim()).toEndWith(scratch);
		const late = await post("exec", { command: "sleep 30", secrets: { K: "PAYMENT_KEY" }, timeoutMs: 50 });
		expect([late.status, late.json]).toMatchObject([200, { code: 1, signal: "SIGTERM", timedOut: true }]);
	});

	test("names may be any", async () => {
		expect((await post("exec/exec", { command: "echo $exec" })).json.stdout).toBe("[REDACTED]\n");
		expect((await post("constructor/exec", { command: "echo $constructor" })).json.stdout).toBe("[REDACTED]\n");
		const proto = await post("exec", '{"command":"true","secrets":{"A":"__proto__"}}');
		expect([proto.status, proto.json.error]).toEqual([500, "Secret '__proto__' not found"]);
		expect(
			(await post("exec", '{"command":"echo $__proto__","secrets":{"__proto__":"PAYMENT_KEY"}}')).json.stdout,
		).toBe("[REDACTED]\n");
	});

	test("what is not said, or said wrongly, is refused", async () => {
		const refused: readonly (readonly [string, unknown, number, string])[] = [
			["exec", {}, 400, "command is required"],
			["exec", { command: "", secrets: { A: "PAYMENT_KEY" } }, 400, "command is required"],
			["exec", { command: 7 }, 400, "command is required"],
			["exec", { value: "x" }, 400, "command is required"],
			["exec", { command: "true" }, 400, "secrets map is required"],
			["exec", { command: "true", secrets: {} }, 400, "secrets map is required"],
			["exec", { command: "true", secrets: ["PAYMENT_KEY"] }, 400, "secrets map is required"],
			["exec", { command: "true", secrets: "PAYMENT_KEY" }, 400, "secrets map is required"],
			["exec", { command: "true", secrets: { A: 7 } }, 400, "secrets: A must have the name of a secret"],
			["PAYMENT_KEY/exec", { command: "true", secrets: {} }, 400, "secrets map is required"],
			[
				"exec",
				{ command: "true", argv: ["true"], secrets: { A: "PAYMENT_KEY" } },
				400,
				"a command and argv exclude each other",
			],
			["exec", "{command", 400, "Invalid JSON body"],
			["exec", "[]", 400, "the body must be a JSON object"],
			[
				"PAYMENT_KEY/exec",
				{ command: "true", timeoutMs: 600_001 },
				400,
				"timeoutMs must be a finite number between 1 and 600000",
			],
			["GONE/exec", { command: "true" }, 500, "Secret 'GONE' not found"],
		];
		for (const [path, body, status, error] of refused) {
			const answer = await post(path, body);
			expect([path, body, answer.status, answer.json.error]).toEqual([path, body, status, error]);
		}
		expect((await post("exec", { argv: [], secrets: { A: "PAYMENT_KEY" } })).json.error).toContain("argv must be");
		expect((await post("exec", { argv: ["a\0b"], secrets: { A: "PAYMENT_KEY" } })).json.error).toContain(
			"argv must be",
		);
	});

	test("is told in the log by names and codes, never by values or commands", async () => {
		await post("PAYMENT_KEY/exec", { command: "echo unmistakable; exit 5" });
		await post("exec", { command: "true", secrets: { A: "GONE" } });
		const { json } = await running.send("GET", "/api/logs?category=secrets&limit=1000");
		expect(json.logs).toContainEqual(
			expect.objectContaining({ level: "info", data: { name: "PAYMENT_KEY", code: 5 } }),
		);
		expect(json.logs).toContainEqual(
			expect.objectContaining({
				level: "error",
				data: { secretCount: 1 },
				error: expect.objectContaining({ message: "Secret 'GONE' not found" }),
			}),
		);
		const text = JSON.stringify(json.logs);
		for (const unwanted of [KEY, PASSWORD, "unmistakable"]) expect(text).not.toContain(unwanted);
	});

	test("ends with whoever wanted it", async () => {
		const file = join(scratch, "pid");
		const leaving = new AbortController();
		const body = JSON.stringify({ command: `echo $$ > ${file}; exec sleep 300`, secrets: { K: "PAYMENT_KEY" } });
		const request = fetch(`${running.daemon.url}/api/secrets/exec`, {
			method: "POST",
			body,
			signal: leaving.signal,
		}).catch(() => undefined);
		await until(() => existsSync(file) && readFileSync(file, "utf8") !== "");
		leaving.abort();
		await request;
		const pid = Number(readFileSync(file, "utf8"));
		await until(() => !isThere(pid));
	});

	test("ends with the daemon", async () => {
		const file = join(scratch, "last-pid");
		const other = await temporaryDaemon(undefined, { vault, env: { PATH: process.env.PATH, HOME: scratch } });
		const answer = other.send("POST", "/api/secrets/exec", {
			command: `echo $$ > ${file}; exec sleep 300`,
			secrets: { K: "PAYMENT_KEY" },
		});
		await until(() => existsSync(file) && readFileSync(file, "utf8") !== "");
		await other[Symbol.asyncDispose]();
		expect((await answer).json.signal).toBe("SIGTERM");
		expect(isThere(Number(readFileSync(file, "utf8")))).toBe(false);
	});
});

describe("policies and approvals", () => {
	const agent = { "x-signet-actor": "mcp-server", "x-signet-actor-type": "harness" };
	const run = (headers = {}) => post("PAYMENT_KEY/exec", { command: "echo run" }, headers);

	test("are set, hold, are shown, and are taken away", async () => {
		const policy = { roles: ["operator"], commands: ["echo ..."] };
		expect((await post("PAYMENT_KEY/policy", policy)).json).toEqual({ success: true, name: "PAYMENT_KEY", policy });
		expect((await running.send("GET", "/api/secrets/policies")).json).toEqual({
			policies: { PAYMENT_KEY: policy },
			use: "allow",
		});
		const refused = await run(agent);
		expect([refused.status, refused.json.code]).toEqual([403, "secret_not_allowed"]);
		expect((await run({ "x-signet-actor-type": "operator" })).json.stdout).toBe("run\n");
		expect((await running.send("DELETE", "/api/secrets/PAYMENT_KEY/policy")).json.policy).toEqual({});
		expect((await run(agent)).status).toBe(200);
		expect((await post("PAYMENT_KEY/policy", { user: "x" })).json.error).toContain("nothing else");
		expect((await post("PAYMENT_KEY/policy", { use: "always" })).json.error).toContain("allow, ask, deny");
		expect((await post("A%2FB/policy", {})).json.error).toBe(
			"Invalid secret name 'A/B'. Use letters, digits, and underscores only.",
		);
	});

	test("a person is asked, says yes, and it is done once", async () => {
		await post("PAYMENT_KEY/policy", { use: "ask" });
		const asked = await run(agent);
		expect([asked.status, asked.json.code]).toEqual([403, "approval_required"]);
		const { approvals } = (await running.send("GET", "/api/secrets/approvals")).json;
		expect(approvals).toEqual([
			expect.objectContaining({
				id: asked.json.details.id,
				status: "pending",
				command: "echo run",
				secrets: ["PAYMENT_KEY"],
			}),
		]);
		expect((await post(`approvals/${approvals[0].id}/approve`)).json.status).toBe("approved");
		expect((await run(agent)).json.stdout).toBe("run\n");
		const again = await run(agent);
		await post(`approvals/${again.json.details.id}/deny`);
		expect((await run(agent)).json.code).toBe("approval_denied");
		expect((await post("approvals/nobody/approve")).status).toBe(404);
		await running.send("DELETE", "/api/secrets/PAYMENT_KEY/policy");
	});

	test("all of it is on record", () => {
		const record = readFileSync(join(running.root, ".daemon", "audit", "secrets.ndjson"), "utf8");
		const events = record
			.trimEnd()
			.split("\n")
			.map((line) => JSON.parse(line).event);
		for (const event of ["started", "ended", "refused", "asked", "approved", "denied", "policy"])
			expect(events).toContain(event);
		expect(record).not.toContain(KEY);
	});
});

describe("values are kept out of", () => {
	const said = `the key is ${KEY}, in hex ${Buffer.from(KEY).toString("hex")}`;
	const kept = "the key is [secret:PAYMENT_KEY], in hex [secret:PAYMENT_KEY]";

	test("what is remembered, and what is changed, and why", async () => {
		const remembered = await running.send("POST", "/api/memory/remember", {
			content: said,
			tags: ["x", KEY],
			who: KEY,
		});
		expect(remembered.json).toMatchObject({ content: kept, tags: "x,[secret:PAYMENT_KEY]" });
		const { id } = remembered.json;
		const changed = await running.send("PATCH", `/api/memory/${id}`, {
			content: `now ${PASSWORD}`,
			reason: `it was ${KEY}`,
		});
		expect(changed.status).toBe(200);
		expect((await running.send("GET", `/api/memory/${id}`)).json.content).toBe("now [secret:DB_PASSWORD]");
		const history = await running.send("GET", `/api/memory/${id}/history`);
		expect(history.text).toContain("it was [secret:PAYMENT_KEY]");
		expect((await running.send("DELETE", `/api/memory/${id}?reason=${KEY}`)).status).toBe(200);
		const hook = await running.send("POST", "/api/hooks/remember", {
			harness: "claude-code",
			content: `remember ${KEY}`,
		});
		expect(hook.status).toBe(200);
	});

	test("who says that they did it, and in which session", async () => {
		const headers = { "x-signet-actor": KEY, "x-signet-session-id": KEY, "x-signet-request-id": KEY };
		const { json } = await running.send("POST", "/api/memory/remember", { content: "by somebody" }, headers);
		const change = { content: "by somebody else", reason: "r", changed_by: `agent ${KEY}` };
		await running.send("PATCH", `/api/memory/${json.id}`, change);
		const hook = { harness: KEY, content: "by a harness" };
		const fromHook = (await running.send("POST", "/api/hooks/remember", hook)).json;
		for (const id of [json.id, fromHook.id]) {
			const { text } = await running.send("GET", `/api/memory/${id}/history`);
			expect(text).toContain("[secret:PAYMENT_KEY]");
			expect(text).not.toContain(KEY);
			expect((await running.send("GET", `/api/memory/${id}`)).text).not.toContain(KEY);
		}
	});

	test("what is imported, where it comes from included", async () => {
		const begun = await running.send("POST", "/api/imports", { source: KEY, format: "jsonl" });
		const row = { id: "foreign-2", content: "from a place", source_id: KEY, session_id: KEY, who: KEY };
		await running.send("POST", `/api/imports/${begun.json.id}/rows`, { rows: [{ kind: "memory", key: KEY, row }] });
		for (const path of ["/api/memory/foreign-2", "/api/imports", "/api/export/memory?limit=1000"]) {
			expect((await running.send("GET", path)).text).not.toContain(KEY);
		}
	});

	test("what is imported", async () => {
		const { id } = (await running.send("POST", "/api/imports", { source: "x", format: "jsonl" })).json;
		const foreign = { id: "foreign-1", content: `from elsewhere: ${KEY}`, source_id: "elsewhere", tags: KEY };
		const event = {
			id: "e1",
			memory_id: "foreign-1",
			event: "created",
			new_content: KEY,
			metadata: JSON.stringify({ version: 1, note: KEY }),
		};
		const rows = [
			{ kind: "text", key: "1", memory: { content: `a line with ${KEY}` } },
			{ kind: "memory", key: "2", row: foreign },
			{ kind: "event", key: "3", row: event },
		];
		const { results } = (await running.send("POST", `/api/imports/${id}/rows`, { rows })).json;
		expect(results.map(({ outcome }: { outcome: string }) => outcome)).toEqual(["kept", "kept", "kept"]);
		expect((await running.send("GET", "/api/memory/foreign-1")).json.content).toBe(
			"from elsewhere: [secret:PAYMENT_KEY]",
		);
	});

	test("what is exported, although it was there before it was a secret", async () => {
		await running.send("POST", "/api/memory/remember", { content: "the old token is tok_77aa88bb99cc" });
		vault.put("OLD_TOKEN", "tok_77aa88bb99cc");
		const rows = await running.send("GET", "/api/export/memory?limit=1000");
		expect(rows.text).toContain("the old token is [secret:OLD_TOKEN]");
		expect(rows.text).not.toContain("tok_77aa88bb99cc");
		expect((await running.send("GET", "/api/export/event?limit=1000")).text).not.toContain("tok_77aa88bb99cc");
	});

	test("what is exported, in the small letters of the normalised text as well", async () => {
		await running.send("POST", "/api/memory/remember", { content: "the older token is Tok_77AA88BB99DD" });
		vault.put("OLDER_TOKEN", "Tok_77AA88BB99DD");
		const { text } = await running.send("GET", "/api/export/memory?limit=1000");
		expect(text).toContain("the older token is [secret:OLDER_TOKEN]");
		expect(text.toLowerCase()).not.toContain("tok_77aa88bb99dd");
	});

	test("what an agent is given", async () => {
		const asked = { query: "what is the old token?" };
		for (const path of ["/api/memory/recall", "/api/hooks/recall"]) {
			const { text } = await running.send("POST", path, { ...asked, harness: "claude-code" });
			expect(text).toContain("the old token is [secret:OLD_TOKEN]");
			expect(text).not.toContain("tok_77aa88bb99cc");
		}
	});

	test("the log", async () => {
		await post(`${KEY}/policy`, {});
		await post("exec", { command: "true", secrets: { A: KEY } });
		const { json, text } = await running.send("GET", "/api/logs?limit=1000");
		expect(json.logs.length).toBeGreaterThan(0);
		expect(text).not.toContain(KEY);
		expect(text).toContain("Secret '[secret:PAYMENT_KEY]' not found");
	});

	test("texts of other programs that ask for it", async () => {
		const cleaned = await post("guard/clean", { texts: [said, "nothing"] });
		expect(cleaned.json).toEqual({ texts: [kept, "nothing"], found: ["PAYMENT_KEY"] });
	});

	test("files that are followed", async () => {
		const root = mkdtempSync(join(tmpdir(), "signet-guarded-"));
		const notes = join(root, "memory");
		await Bun.write(
			join(notes, "2026-01-02.md"),
			`# Deploying\n\nThe staging password is ${PASSWORD}, the servers are in Oslo.\n`,
		);
		const past = new Date(Date.now() - 60_000);
		utimesSync(join(notes, "2026-01-02.md"), past, past);
		await using other = await temporaryDaemon(undefined, { vault, root });
		let found = "";
		while (!found.includes("Oslo")) {
			found = (await other.send("GET", "/api/memories?limit=10")).text;
			if (!found.includes("Oslo")) await Bun.sleep(20);
		}
		expect(found).toContain("[secret:DB_PASSWORD]");
		expect(found).not.toContain(PASSWORD);
	});

	test("every file of the workspace", () => {
		const files = readdirSync(running.root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
		for (const { parentPath, name } of files) {
			const bytes = readFileSync(join(parentPath, name));
			for (const value of [KEY, PASSWORD, Buffer.from(KEY).toString("hex")]) {
				expect([name, bytes.includes(value)]).toEqual([name, false]);
			}
		}
		expect(files.length).toBeGreaterThan(3);
	});
});

test("the routes describe themselves", async () => {
	const { paths } = (await running.send("GET", "/openapi.json")).json;
	for (const path of ["exec", "{name}/exec", "policies", "{name}/policy", "approvals", "approvals/{id}/approve"]) {
		expect(paths).toHaveProperty([`/api/secrets/${path}`]);
	}
});

function isThere(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return process.platform !== "linux" || !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
	} catch {
		return false;
	}
}
