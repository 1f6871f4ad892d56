import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import type { WorkspacePaths } from "@signet/core";
import * as z from "zod/mini";
import { supervisorSchema } from "../process/supervisor.ts";

const daemonRecordSchema = () =>
	z.object({
		pid: z.number(),
		url: z.string(),
		version: z.string(),
		startedAt: z.string(),
		/** Tells this run of the daemon from any other process that may get its id later. */
		nonce: z.string(),
		/** As in `ProcessStart`. */
		processStart: z.optional(z.string()),
		bootId: z.optional(z.string()),
		/** Who starts the daemon again when it fails, and has to be asked to stop it. */
		supervisor: z.optional(supervisorSchema()),
	});

/** Who the daemon of a workspace is and where it listens, for the command line. */
export type DaemonRecord = z.infer<ReturnType<typeof daemonRecordSchema>>;

/** Say that the daemon listens. The caller owns the workspace. */
export function writeRuntimeFiles(paths: WorkspacePaths, record: DaemonRecord): void {
	writeAtomically(paths.pidFile, String(record.pid));
	writeAtomically(paths.daemonFile, `${JSON.stringify(record)}\n`);
}

/** Say that it serves. */
export function writeHealthyStart(paths: WorkspacePaths, { pid, version, startedAt }: DaemonRecord): void {
	writeAtomically(paths.healthyStartFile, JSON.stringify({ version, startedAt, pid }));
}

/** Say that a daemon no longer listens. Files of another one stay. */
export function removeRuntimeFiles(paths: WorkspacePaths, { pid, nonce }: Pick<DaemonRecord, "pid" | "nonce">): void {
	const record = readDaemonRecord(paths);
	if (record === undefined || record.nonce === nonce) rmSync(paths.daemonFile, { force: true });
	if (textOf(paths.pidFile).trim() === String(pid)) rmSync(paths.pidFile, { force: true });
}

/** What the last daemon of the workspace wrote about itself; it may have crashed since. */
export function readDaemonRecord(paths: WorkspacePaths): DaemonRecord | undefined {
	try {
		return daemonRecordSchema().parse(JSON.parse(readFileSync(paths.daemonFile, "utf8")));
	} catch {
		return undefined;
	}
}

/** Replace a file by one with the new text or bytes, for its owner alone: whoever reads it, or crashes, sees the old or the new one, whole. */
export function writeDurably(file: string, content: string | Uint8Array): void {
	replace(file, content, fsyncSync);
}

/** The same, for what means nothing any more once the machine has stopped: it is not waited for the disk. */
export function writeAtomically(file: string, content: string | Uint8Array): void {
	replace(file, content, () => undefined);
}

function replace(file: string, content: string | Uint8Array, flush: (descriptor: number) => void): void {
	mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
	const unfinished = `${file}.${process.pid}.tmp`;
	const descriptor = openSync(unfinished, "w", 0o600);
	try {
		const bytes = typeof content === "string" ? Buffer.from(content) : content;
		for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written);
		flush(descriptor);
	} finally {
		closeSync(descriptor);
	}
	renameSync(unfinished, file);
}

function textOf(file: string): string {
	try {
		return readFileSync(file, "utf8");
	} catch {
		return "";
	}
}
