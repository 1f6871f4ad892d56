import * as z from "zod/mini";

export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export const logEntrySchema = () =>
	z.object({
		/** ISO-8601 UTC. */
		timestamp: z.string(),
		level: z.enum(LOG_LEVELS),
		category: z.string(),
		message: z.string(),
		data: z.optional(z.record(z.string(), z.unknown())),
		error: z.optional(z.object({ name: z.string(), message: z.string(), stack: z.optional(z.string()) })),
	});

/** One line of the log. */
export type LogEntry = z.infer<ReturnType<typeof logEntrySchema>>;

/** Whether an entry is at least as severe. */
export function isAtLeast(level: LogLevel, least: LogLevel): boolean {
	return LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(least);
}

/** One line for a person to read. */
export function formatLogEntry({ timestamp, level, category, message, data, error }: LogEntry): string {
	const details = data ? ` ${JSON.stringify(data)}` : "";
	const cause = error ? `\n  ${error.name}: ${error.message}` : "";
	return `${timestamp.slice(11, 19)} ${level.toUpperCase().padEnd(5)} ${`[${category}]`.padEnd(12)} ${message}${details}${cause}`;
}
