import {
	closeSync,
	constants,
	mkdirSync,
	openSync,
	readdirSync,
	renameSync,
	rmSync,
	statSync,
	writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { cleanDeep, isoTime, messageOf, RequestError, type TextCleaner, type World } from "@signet/core";
import type { Caller } from "./caller.ts";

const MAX_FILE_BYTES = 5 * 1024 * 1024;
const KEPT_FILES = 4;

/** Something that was done with secrets, or wanted. Of values it says nothing. */
export interface AuditEntry {
	readonly event: "started" | "ended" | "failed" | "refused" | "asked" | "approved" | "denied" | "policy";
	readonly caller: Caller;
	/** The same for all that is said of one run. */
	readonly run?: string;
	readonly secrets: readonly string[];
	/** Variables of the environment, in the order of the secrets. */
	readonly variables?: readonly string[];
	/** SHA-256 of the command without values, whole. */
	readonly commandHash?: string;
	/** The command without values, as much of it as is kept. */
	readonly command?: string;
	readonly exitCode?: number;
	readonly signal?: string;
	readonly timedOut?: true;
	readonly durationMs?: number;
	/** Why not; which approval; what policy. */
	readonly detail?: unknown;
}

/**
 * The record of all uses of secrets: one JSON object a line, only ever appended to. When it gets long it begins anew, and
 * a few of the older files are kept.
 */
export class AuditLog {
	constructor(
		private readonly file: string,
		private readonly clock: World["clock"],
		/** Whatever was said by whoever asked, values stay out of it. */
		private readonly cleaner: TextCleaner,
	) {}

	/** Written before it returns. Throws when it cannot be: what cannot be recorded must not be done. */
	append(entry: AuditEntry): void {
		const time = isoTime(this.clock.now());
		try {
			mkdirSync(dirname(this.file), { recursive: true, mode: 0o700 });
			this.#rotate(time);
			const { O_APPEND, O_CREAT, O_WRONLY, O_NOFOLLOW = 0 } = constants;
			const descriptor = openSync(this.file, O_APPEND | O_CREAT | O_WRONLY | O_NOFOLLOW, 0o600);
			try {
				writeSync(descriptor, `${JSON.stringify(cleanDeep({ time, ...entry }, this.cleaner))}\n`);
			} finally {
				closeSync(descriptor);
			}
		} catch (error) {
			throw new RequestError(
				503,
				"audit_unwritable",
				`The use of secrets cannot be recorded in ${this.file}, so none is used: ${messageOf(error)}`,
			);
		}
	}

	#rotate(time: string): void {
		const { size } = statSync(this.file, { throwIfNoEntry: false }) ?? { size: 0 };
		if (size <= MAX_FILE_BYTES) return;
		renameSync(this.file, this.file.replace(/(\.\w+)$/, `-${time.replace(/[:.]/g, "-")}$1`));
		const folder = dirname(this.file);
		const older = readdirSync(folder)
			.filter((name) => /^secrets-.*\.ndjson$/.test(name))
			.sort();
		for (const name of older.slice(0, -KEPT_FILES)) rmSync(join(folder, name), { force: true });
	}
}
