import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDaemon } from "../testing/temporary-daemon.ts";

const CONFIGURATION = "# mine\nembedding:\n  provider: embedded # nothing else\nupdates: # how\n  channel: next\n";
/** Nobody is asked elsewhere. */
const options = { env: { SIGNET_UPDATE_URL: "http://127.0.0.1:1" } };

describe("settings of updates", () => {
	test("are written where they stand, and all else stays", async () => {
		await using daemon = await temporaryDaemon(CONFIGURATION, options);
		const { status, json } = await daemon.send("POST", "/api/update/config", {
			checkInterval: " 1800 ",
			auto_install: null,
		});
		expect(status).toBe(200);
		expect(json).toMatchObject({
			success: true,
			persisted: true,
			config: { autoInstall: false, checkInterval: 1800, channel: "next" },
		});
		expect(readFileSync(join(daemon.root, "agent.yaml"), "utf8")).toBe(`${CONFIGURATION}  check_interval: 1800\n`);
		expect((await daemon.send("GET", "/api/update/config")).json).toMatchObject({ checkInterval: 1800 });
	});

	test.each([
		[{ checkInterval: "3600abc" }],
		[{ checkInterval: "1e3" }],
		[{ checkInterval: [600] }],
		[{ checkInterval: true }],
		[{ checkInterval: 299.9 }],
		[{ autoInstall: "TRUE" }],
		[{ autoInstall: {}, checkInterval: 600 }],
	])("%p is refused, and nothing is written", async (body) => {
		await using daemon = await temporaryDaemon(CONFIGURATION, options);
		const { status, json } = await daemon.send("POST", "/api/update/config", body);
		expect(status).toBe(400);
		expect(json).toMatchObject({
			success: false,
			error: expect.stringMatching(/^(autoInstall|checkInterval) must be/),
		});
		expect(readFileSync(join(daemon.root, "agent.yaml"), "utf8")).toBe(CONFIGURATION);
	});
});

test("no web page makes an update, not even one of ours", async () => {
	await using daemon = await temporaryDaemon(CONFIGURATION, options);
	const { port } = new URL(daemon.daemon.url);
	for (const headers of [
		{ origin: `http://127.0.0.1:${port}` },
		{ origin: "tauri://localhost" },
		{ "sec-fetch-site": "same-origin" },
	]) {
		for (const path of ["/api/update/run", "/api/update/config"]) {
			const { status, json } = await daemon.send(
				"POST",
				path,
				{ autoInstall: true },
				headers as Record<string, string>,
			);
			expect({ path, status, code: json.code }).toEqual({ path, status: 403, code: "not_from_a_page" });
		}
	}
	expect(readFileSync(join(daemon.root, "agent.yaml"), "utf8")).toBe(CONFIGURATION);
});

test("a registry that is away is told, and nothing is installed", async () => {
	await using daemon = await temporaryDaemon(CONFIGURATION, options);
	const { status, json } = await daemon.send("GET", "/api/update/check?force=true");
	expect(status).toBe(200);
	expect(json).toMatchObject({ latestVersion: null, updateAvailable: false, cached: false });
	expect(json.checkError).toContain("http://127.0.0.1:1 could not be asked");
	expect((await daemon.send("GET", "/api/update/check")).json.cached).toBe(true);
	expect((await daemon.send("POST", "/api/update/run")).json).toMatchObject({ success: false });
	expect((await daemon.send("POST", "/api/update/run", { targetVersion: "99.0.0" })).json).toEqual({
		success: false,
		message: "Update failed: This daemon runs from its sources: update these instead, and start it again",
	});
	expect((await daemon.send("GET", "/api/status")).json.update).toMatchObject({
		lastError: json.checkError,
		timerActive: false,
	});
	expect((await daemon.send("GET", "/api/diagnostics/update")).json).toMatchObject({
		score: 1,
		status: "healthy",
		autoInstallEnabled: false,
		lastCheckSucceeded: false,
		lastCheckAgeHours: 0,
	});
});
