import { closeSync, existsSync, openSync, readSync, statSync } from "node:fs";
import { ExitCode } from "@signet/core";
import { realWorld } from "@signet/core/world";
import {
	formatLogEntry,
	LOG_LEVELS,
	type LogEntry,
	type LogLevel,
	type LogQuery,
	logFileOf,
	matches,
	parseLogLines,
	readLog,
} from "@signet/daemon/runtime";
import { type CommonOptions, workspaceOf } from "../environment.ts";
import { CommandError } from "../failure.ts";
import { style } from "../terminal.ts";

export interface LogsOptions extends CommonOptions {
	readonly lines: number;
	readonly level?: string;
	readonly category?: string;
	readonly follow?: boolean;
}

const POLL_MS = 250;

/** `signet logs`: reads the files themselves, so that it works when the daemon does not. */
export async function logs(options: LogsOptions): Promise<ExitCode> {
	const { logFolder } = workspaceOf(options);
	const query: LogQuery = { level: levelFrom(options.level), category: options.category };
	const show = (entry: LogEntry) => console.log(options.json ? JSON.stringify(entry) : paint(entry));
	const follower = new Follower(logFolder);
	const entries = readLog(logFolder, realWorld.clock.now(), options.lines, query);
	entries.forEach(show);
	if (entries.length === 0 && !options.follow && !options.json)
		console.log(style.dim("Nothing like that was logged today (UTC)"));
	while (options.follow) {
		await realWorld.timers.sleep(POLL_MS);
		for (const entry of parseLogLines(follower.read()).filter((entry) => matches(entry, query))) show(entry);
	}
	return ExitCode.ok;
}

/** Reads what is added to the log, from one day's file to the next. */
class Follower {
	#file: string;
	#position: number;

	constructor(private readonly folder: string) {
		this.#file = logFileOf(folder, realWorld.clock.now());
		this.#position = sizeOf(this.#file);
	}

	/** Whole lines that were added since the last call. */
	read(): string {
		const today = logFileOf(this.folder, realWorld.clock.now());
		const text = readFrom(this.#file, this.#position);
		const whole = text.slice(0, text.lastIndexOf("\n") + 1);
		this.#position += Buffer.byteLength(whole);
		// A new day, or a file that was put aside because it had grown large.
		if (today !== this.#file || sizeOf(this.#file) < this.#position) {
			this.#file = today;
			this.#position = 0;
		}
		return whole;
	}
}

function readFrom(file: string, position: number): string {
	const size = sizeOf(file);
	if (size <= position) return "";
	const bytes = Buffer.alloc(size - position);
	const descriptor = openSync(file, "r");
	try {
		readSync(descriptor, bytes, 0, bytes.length, position);
	} finally {
		closeSync(descriptor);
	}
	return bytes.toString("utf8");
}

function sizeOf(file: string): number {
	return existsSync(file) ? statSync(file).size : 0;
}

function levelFrom(given: string | undefined): LogLevel | undefined {
	const level = LOG_LEVELS.find((known) => known === given);
	if (given !== undefined && !level) {
		throw new CommandError(`${given} is no level`, ExitCode.usage, `Use one of ${LOG_LEVELS.join(", ")}.`);
	}
	return level;
}

function paint(entry: LogEntry): string {
	const line = formatLogEntry(entry);
	if (entry.level === "error") return style.error(line);
	return entry.level === "warn" ? style.warn(line) : line;
}
