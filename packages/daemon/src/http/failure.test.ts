import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { conflict, RequestError } from "@signet/core";
import { seededWorld } from "@signet/core/testing";
import { Hono } from "hono";
import type { LogEntry } from "../logs/log-entry.ts";
import { Logger } from "../logs/logger.ts";
import { answerFailure } from "./failure.ts";

async function answerTo(thrown: unknown): Promise<{ status: number; body: unknown; log: LogEntry[] }> {
	const folder = mkdtempSync(join(tmpdir(), "signet-failure-"));
	const log: LogEntry[] = [];
	const logger = new Logger(folder, seededWorld(), (entry) => log.push(entry));
	const app = new Hono();
	app.get("/it", () => {
		throw thrown;
	});
	app.onError((error, context) =>
		answerFailure(error, context, { logger, random: { ...seededWorld().random, uuid: () => "request-1" } }),
	);
	const response = await app.request("/it");
	rmSync(folder, { recursive: true });
	return { status: response.status, body: await response.json(), log };
}

test("a refusal is answered as it is, and not logged", async () => {
	const { status, body, log } = await answerTo(conflict("taken", "That name is taken", { by: "a" }));
	expect(status).toBe(409);
	expect(body).toEqual({ error: "That name is taken", code: "taken", details: { by: "a" } });
	expect(log).toEqual([]);
});

test("a defect is answered without internals, under an id by which the log has it", async () => {
	const { status, body, log } = await answerTo(new TypeError("no such column: secret_path /home/ana"));
	expect(status).toBe(500);
	expect(JSON.stringify(body)).not.toContain("secret_path");
	expect(body).toMatchObject({ code: "internal_error", requestId: "request-1" });
	expect(log).toHaveLength(1);
	expect(log[0]).toMatchObject({ level: "error", message: "GET /it failed", data: { requestId: "request-1" } });
	expect(log[0]?.error?.message).toContain("secret_path");
});

test("what the machine could not do is in the log as well", async () => {
	const refusal = new RequestError(503, "storage_failed", "The disk failed");
	refusal.cause = new Error("disk I/O error");
	const { status, log } = await answerTo(refusal);
	expect(status).toBe(503);
	expect(log[0]).toMatchObject({ level: "error", message: "The disk failed", error: { message: "disk I/O error" } });
});
