import { existsSync, readFileSync } from "node:fs";
import { isAtLeast, type LogEntry, type LogLevel, logEntrySchema } from "./log-entry.ts";
import { logFileOf } from "./logger.ts";

export interface LogQuery {
	/** Least severity. */
	readonly level?: LogLevel | undefined;
	readonly category?: string | undefined;
	/** Milliseconds since the epoch, inclusive. */
	readonly sinceMs?: number | undefined;
}

/** The last entries of the day that match, the oldest first. Lines that are no entries are passed over. */
export function readLog(folder: string, nowMs: number, limit: number, query: LogQuery): LogEntry[] {
	const file = logFileOf(folder, nowMs);
	if (!existsSync(file)) return [];
	const found = parseLogLines(readFileSync(file, "utf8")).filter((entry) => matches(entry, query));
	return found.slice(Math.max(0, found.length - limit));
}

export function parseLogLines(text: string): LogEntry[] {
	const schema = logEntrySchema();
	return text.split("\n").flatMap((line) => {
		if (line === "") return [];
		try {
			return [schema.parse(JSON.parse(line))];
		} catch {
			return [];
		}
	});
}

export function matches(entry: LogEntry, { level, category, sinceMs }: LogQuery): boolean {
	return (
		(level === undefined || isAtLeast(entry.level, level)) &&
		(category === undefined || entry.category === category) &&
		(sinceMs === undefined || Date.parse(entry.timestamp) >= sinceMs)
	);
}
