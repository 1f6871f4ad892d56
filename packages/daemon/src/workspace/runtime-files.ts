import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import type { WorkspacePaths } from "@signet/core";
import * as z from "zod/mini";

const daemonRecordSchema = () =>
	z.object({
		pid: z.number(),
		url: z.string(),
		version: z.string(),
		startedAt: z.string(),
		/** Tells this run of the daemon from any other process that may get its id later. */
		nonce: z.string(),
	});

/** Where the daemon of a workspace listens, for the command line. */
export type DaemonRecord = z.infer<ReturnType<typeof daemonRecordSchema>>;

/** Say that the daemon listens. */
export function writeRuntimeFiles(paths: WorkspacePaths, record: DaemonRecord): void {
	const { pid, version, startedAt } = record;
	writeDurably(paths.pidFile, String(pid));
	writeDurably(paths.daemonFile, `${JSON.stringify(record)}\n`);
	writeDurably(paths.healthyStartFile, JSON.stringify({ version, startedAt, pid }));
}

/** Say that it no longer does. */
export function removeRuntimeFiles(paths: WorkspacePaths): void {
	rmSync(paths.daemonFile, { force: true });
	rmSync(paths.pidFile, { force: true });
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
	mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
	const unfinished = `${file}.${process.pid}.tmp`;
	const descriptor = openSync(unfinished, "w", 0o600);
	try {
		const bytes = typeof content === "string" ? Buffer.from(content) : content;
		for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written);
		fsyncSync(descriptor);
	} finally {
		closeSync(descriptor);
	}
	renameSync(unfinished, file);
}
