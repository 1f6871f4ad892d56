import { describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type World, workspacePaths } from "@signet/core";
import { realWorld } from "@signet/core/world";
import { openVault } from "@signet/secrets";
import { type TemporaryDaemon, temporaryDaemon } from "../testing/temporary-daemon.ts";

const POLL_MS = 10;
const VALUE = "sk-live-4f9a0c77";

const secretsLog = ({ log }: TemporaryDaemon) => log.filter(({ category }) => category === "secrets");

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
	while (!(await holds())) await Bun.sleep(POLL_MS);
}

/** A workspace that is there before the daemon. */
function workspace(): { root: string; write: (name: string, text: string) => void } {
	const root = mkdtempSync(join(tmpdir(), "signet-daemon-"));
	mkdirSync(join(root, ".secrets"));
	return { root, write: (name, text) => writeFileSync(join(root, ".secrets", name), text) };
}

/** Timers that wait for something to come are over at once, so that what comes later comes now. */
const hurried: World = {
	...realWorld,
	timers: { ...realWorld.timers, after: (delayMs, callback) => realWorld.timers.after(Math.min(delayMs, 1), callback) },
};

test("no answer and no line of the log ever has a value", async () => {
	await using daemon = await temporaryDaemon();
	const answers = [
		await daemon.send("POST", "/api/secrets/DEPLOY", { value: VALUE }),
		await daemon.send("POST", "/api/secrets/DEPLOY", { value: VALUE, more: VALUE }),
		await daemon.send("POST", "/api/secrets/bad-name", { value: VALUE }),
		await daemon.send("POST", "/api/secrets/exec", { value: VALUE }),
		await daemon.send("POST", "/api/secrets/DEPLOY", `{"value":"${VALUE}`),
		await daemon.send("POST", "/api/secrets/DEPLOY", { value: [VALUE] }),
		await daemon.send("GET", "/api/secrets"),
		await daemon.send("GET", "/api/secrets/DEPLOY"),
		await daemon.send("GET", "/api/status"),
		await daemon.send("DELETE", "/api/secrets/DEPLOY"),
	];
	expect(answers.map(({ status }) => status)).toEqual([200, 200, 400, 400, 400, 400, 200, 404, 200, 200]);
	for (const { text } of answers) expect(text).not.toContain(VALUE);
	expect(JSON.stringify(daemon.log)).not.toContain(VALUE);
	for (const entry of readdirSync(daemon.root, { recursive: true, withFileTypes: true })) {
		if (entry.isFile()) expect(readFileSync(join(entry.parentPath, entry.name)).includes(VALUE)).toBe(false);
	}
});

test("what is done is logged by name, and what fails with the text of the answer", async () => {
	await using daemon = await temporaryDaemon();
	await daemon.send("POST", "/api/secrets/DEPLOY", { value: VALUE });
	await daemon.send("DELETE", "/api/secrets/DEPLOY");
	await daemon.send("DELETE", "/api/secrets/DEPLOY");
	expect(secretsLog(daemon)).toEqual([
		expect.objectContaining({ level: "info", message: "stored", data: { name: "DEPLOY" } }),
		expect.objectContaining({ level: "info", message: "deleted", data: { name: "DEPLOY" } }),
		expect.objectContaining({
			level: "error",
			data: { name: "DEPLOY" },
			error: expect.objectContaining({ name: "RequestError", message: "Secret 'DEPLOY' not found" }),
		}),
	]);
});

test("many who store at the same time lose nothing of each other's", async () => {
	await using daemon = await temporaryDaemon();
	const names = Array.from({ length: 20 }, (_, n) => `S_${n}`);
	const answers = await Promise.all(names.map((name) => daemon.send("POST", `/api/secrets/${name}`, { value: name })));
	expect(answers.every(({ status }) => status === 200)).toBe(true);
	const { secrets } = (await daemon.send("GET", "/api/secrets")).json;
	expect([...secrets].sort()).toEqual([...names].sort());
});

test("what another program stores is listed at once", async () => {
	await using daemon = await temporaryDaemon();
	await daemon.send("POST", "/api/secrets/A", { value: "a" });
	await openVault({ folder: workspacePaths(daemon.root).secretsFolder, world: realWorld, env: {} }).put("B", "b");
	expect((await daemon.send("GET", "/api/secrets")).json).toEqual({ secrets: ["A", "B"] });
});

describe("after the start", () => {
	test("a vault without secrets is not looked at", async () => {
		await using daemon = await temporaryDaemon(undefined, { world: hurried });
		expect((await daemon.send("GET", "/api/status")).json.secrets).toBeNull();
		expect(secretsLog(daemon)).toEqual([]);
	});

	test("how many secrets cannot be opened is told in the log and the status, by name and without a value", async () => {
		const { root, write } = workspace();
		const fixtures = join(import.meta.dir, "..", "..", "..", "..", "tests", "contract", "fixtures", "secrets");
		const { machineId, unreadable } = JSON.parse(readFileSync(join(fixtures, "damaged.expected.json"), "utf8"));
		write("secrets.enc", readFileSync(join(fixtures, "damaged.enc"), "utf8"));
		write(".machine-id", machineId);
		await using daemon = await temporaryDaemon(undefined, { root, world: hurried });
		await until(async () => (await daemon.send("GET", "/api/status")).json.secrets !== null);
		expect((await daemon.send("GET", "/api/status")).json.secrets).toMatchObject({
			state: "open",
			source: "machine",
			total: 8,
			unopened: 6,
			problem: null,
		});
		expect(secretsLog(daemon)).toContainEqual(
			expect.objectContaining({
				level: "warn",
				message: "6 of 8 secrets cannot be opened",
				data: { names: unreadable },
			}),
		);
	});

	test("a vault that cannot be read is told of, and the rest of the daemon works", async () => {
		const { root, write } = workspace();
		write("secrets.enc", '{"version": 1, "secrets": {"DB_PASS');
		await using daemon = await temporaryDaemon(undefined, { root, world: hurried });
		await until(async () => (await daemon.send("GET", "/api/status")).json.secrets !== null);
		const { secrets } = (await daemon.send("GET", "/api/status")).json;
		expect(secrets).toMatchObject({ state: "unreadable", total: 0 });
		expect(secrets.problem).toContain("cannot be read");
		expect((await daemon.send("GET", "/api/secrets")).status).toBe(503);
		expect((await daemon.send("GET", "/health")).status).toBe(200);
	});
});

test("a vault with a passphrase is unlocked by it, for the daemon alone and until it ends", async () => {
	const { root } = workspace();
	const { secretsFolder } = workspacePaths(root);
	const vault = openVault({ folder: secretsFolder, world: realWorld, env: {} });
	await vault.put("A", "a");
	await vault.rekey({
		source: "passphrase",
		passphrase: "correct horse",
		cost: { memoryKiB: 128, passes: 1, lanes: 1 },
	});
	await using daemon = await temporaryDaemon(undefined, { root });
	const unlock = (passphrase: unknown) => daemon.send("POST", "/api/secret-store/unlock", { passphrase });
	expect((await daemon.send("GET", "/api/secrets")).json).toEqual({ secrets: ["A"] });
	expect(await daemon.send("POST", "/api/secrets/B", { value: "b" })).toMatchObject({
		status: 503,
		json: { code: "secrets_locked" },
	});
	expect((await unlock("")).status).toBe(400);
	expect((await unlock("wrong horse")).status).toBe(403);
	expect((await unlock("correct horse")).json).toEqual({ success: true });
	expect((await daemon.send("POST", "/api/secrets/B", { value: "b" })).status).toBe(200);
	expect((await daemon.send("GET", "/api/status")).json.secrets).toMatchObject({ state: "open", source: "passphrase" });
	expect(JSON.stringify(daemon.log)).not.toContain("horse");
});

test("a key that a setting refers to is sent as its value, and the reference to nobody", async () => {
	const seen: { authorization: string | undefined; body: string }[] = [];
	const server = createServer((request, response) => {
		let body = "";
		request.on("data", (part) => {
			body += part;
		});
		request.on("end", () => {
			seen.push({ authorization: request.headers.authorization, body });
			const texts: string[] = JSON.parse(body).input;
			response.end(JSON.stringify({ data: texts.map((_, index) => ({ index, embedding: [1, index + 1] })) }));
		});
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	try {
		const address = server.address();
		const port = typeof address === "object" ? address?.port : undefined;
		await using daemon = await temporaryDaemon(
			`embedding:\n  provider: openai\n  model: m\n  base_url: http://127.0.0.1:${port}/v1\n  api_key: $secret:MODEL_KEY\nmemory:\n  pipelineV2:\n    enabled: false\n`,
		);
		const status = async () => (await daemon.send("GET", "/api/embeddings/status")).json;
		expect(await status()).toMatchObject({ available: false });
		expect((await status()).error).toContain("Secret 'MODEL_KEY' not found");
		await daemon.send("POST", "/api/memory/remember", { content: "Something worth a vector" });
		expect(seen).toEqual([]);
		await daemon.send("POST", "/api/secrets/MODEL_KEY", { value: VALUE });
		expect(await status()).toMatchObject({ available: true });
		await until(() => seen.some(({ body }) => body.includes("Something worth a vector")));
		expect(new Set(seen.map(({ authorization }) => authorization))).toEqual(new Set([`Bearer ${VALUE}`]));
	} finally {
		server.closeAllConnections();
		server.close();
	}
});
