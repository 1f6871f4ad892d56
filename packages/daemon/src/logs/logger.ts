import {
	appendFileSync,
	closeSync,
	constants,
	mkdirSync,
	openSync,
	readdirSync,
	renameSync,
	rmSync,
	statSync,
} from "node:fs";
import { join } from "node:path";
import { cleanDeep, isoTime, messageOf, noCleaner, type TextCleaner, type Timer, type World } from "@signet/core";
import { type LogEntry, type LogLevel, logEntrySchema } from "./log-entry.ts";

const FLUSH_MS = 1_000;
const MAX_FILE_BYTES = 10 * 1024 * 1024;
const KEPT_FILES = 5;
/** Entries that wait for the disk. When it takes none, the oldest go. */
const MAX_WAITING = 1_000;
/** Somebody may have put a link in the place of the file, to have another one written to. */
const APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0);

/**
 * The daemon's log: one JSON object a line, a file a day (UTC), written a second behind unless it matters. What a person
 * or an agent said never goes into it, and no value of a secret does.
 */
export class Logger {
	#waiting: string[] = [];
	#timer: Timer | undefined;

	constructor(
		private readonly folder: string,
		private readonly world: Pick<World, "clock" | "timers">,
		/** Also told of each entry, for a terminal that shows them. */
		private readonly onEntry: (entry: LogEntry) => void = () => undefined,
		/** Takes values of secrets out of what is logged. */
		private readonly cleaner: TextCleaner = noCleaner,
	) {}

	info(category: string, message: string, data?: Record<string, unknown>): void {
		this.#log("info", category, message, data);
	}

	warn(category: string, message: string, data?: Record<string, unknown>): void {
		this.#log("warn", category, message, data);
	}

	/** Written to the disk before it returns: it may be the last thing that is. */
	error(category: string, message: string, thrown?: unknown, data?: Record<string, unknown>): void {
		this.#log("error", category, message, data, thrown);
		this.flush();
	}

	/** Write what waits. */
	flush(): void {
		this.#timer?.cancel();
		this.#timer = undefined;
		if (this.#waiting.length === 0) return;
		const lines = this.#waiting;
		this.#waiting = [];
		try {
			mkdirSync(this.folder, { recursive: true, mode: 0o700 });
			const file = logFileOf(this.folder, this.world.clock.now());
			append(file, `${lines.join("\n")}\n`);
			this.#rotate(file);
		} catch (error) {
			// A log that cannot be written must not stop what it tells of. What waits is tried again with the next entry.
			this.#waiting = lines.slice(-MAX_WAITING);
			console.error(`signet: the log cannot be written: ${messageOf(error)}`);
		}
	}

	#log(level: LogLevel, category: string, message: string, data?: Record<string, unknown>, thrown?: unknown): void {
		const entry = this.#clean({
			timestamp: isoTime(this.world.clock.now()),
			level,
			category,
			message,
			...(data && { data }),
			...(thrown !== undefined && { error: describe(thrown) }),
		});
		this.onEntry(entry);
		this.#waiting.push(JSON.stringify(entry));
		this.#timer ??= this.world.timers.after(FLUSH_MS, () => this.flush());
	}

	/** Its line is looked at as a whole, since that is quick; only if there is something in it, part by part. */
	#clean(entry: LogEntry): LogEntry {
		const { found } = this.cleaner.clean(JSON.stringify(entry));
		return found.length === 0 ? entry : logEntrySchema().parse(cleanDeep(entry, this.cleaner));
	}

	#rotate(file: string): void {
		if (statSync(file).size <= MAX_FILE_BYTES) return;
		const stamp = isoTime(this.world.clock.now()).replace(/[:.]/g, "-");
		renameSync(file, file.replace(/\.log$/, `-${stamp}.log`));
		const files = readdirSync(this.folder)
			.filter((name) => /^signet-.*\.log$/.test(name))
			.map((name) => ({ path: join(this.folder, name), modifiedMs: statSync(join(this.folder, name)).mtimeMs }))
			.sort((a, b) => b.modifiedMs - a.modifiedMs);
		for (const { path } of files.slice(KEPT_FILES)) rmSync(path, { force: true });
	}
}

/** The file of a day. */
export function logFileOf(folder: string, epochMs: number): string {
	return join(folder, `signet-${isoTime(epochMs).slice(0, 10)}.log`);
}

function describe(thrown: unknown): NonNullable<LogEntry["error"]> {
	if (!(thrown instanceof Error)) return { name: "Error", message: String(thrown) };
	return { name: thrown.name, message: thrown.message, ...(thrown.stack && { stack: thrown.stack }) };
}

function append(file: string, text: string): void {
	const descriptor = openSync(file, APPEND, 0o600);
	try {
		appendFileSync(descriptor, text);
	} finally {
		closeSync(descriptor);
	}
}
