import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EVERYTHING, type MemoryScope } from "@signet/core";
import type { Role } from "../auth/permissions.ts";
import { signToken } from "../auth/token.ts";
import type { DaemonOptions } from "../daemon-options.ts";
import { type TemporaryDaemon, temporaryDaemon } from "./temporary-daemon.ts";

/** The key of the vectors: bytes 0 to 31. */
export const VECTOR_KEY = Uint8Array.from({ length: 32 }, (_, at) => at);

const IN_2026_S = 1_767_225_600;
const IN_2100_S = 4_102_444_800;

/** The headers of somebody with a token of that role and scope. */
export function bearing(role: Role, scope: MemoryScope = EVERYTHING, sub = `${role}-1`): { authorization: string } {
	const token = signToken({ sub, scope, role, iat: IN_2026_S, exp: IN_2100_S }, VECTOR_KEY);
	return { authorization: `Bearer ${token}` };
}

const OPERATIONS = ["forget", "modify", "batchForget", "forceDelete", "admin", "remember", "exec", "taskRun"];

/** Limits that nobody reaches. */
export const UNLIMITED = `  rateLimits:\n${OPERATIONS.map((name) => `    ${name}:\n      max: 10000\n`).join("")}`;

/** A daemon that takes tokens of `bearing`. `auth` is what stands in that section of its configuration. */
export async function guardedDaemon(auth: string, options: Partial<DaemonOptions> = {}): Promise<TemporaryDaemon> {
	const root = mkdtempSync(join(tmpdir(), "signet-guarded-"));
	mkdirSync(join(root, ".daemon"), { recursive: true });
	writeFileSync(join(root, ".daemon", "auth-secret"), VECTOR_KEY);
	const configuration = `embedding:\n  provider: embedded\nmemory:\n  pipelineV2:\n    enabled: false\nauth:\n${auth}`;
	return temporaryDaemon(configuration, { root, ...options });
}
