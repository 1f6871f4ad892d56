import type { World } from "@signet/core";
import * as z from "zod/mini";
import { optionalInteger, optionalText, optionalTime } from "../http/fields.ts";
import { errorReference } from "../http/openapi.ts";
import type { RouteContract, Routes } from "../http/route.ts";
import { LOG_LEVELS, logEntrySchema } from "./log-entry.ts";
import type { Logger } from "./logger.ts";
import { readLog } from "./read-log.ts";

const MAX_ENTRIES = 5_000;
const DEFAULT_ENTRIES = 100;

const logsContract = {
	method: "GET",
	path: "/api/logs",
	summary: "The last entries of today's log, the oldest first",
	query: () =>
		z.object({
			limit: optionalInteger("limit", 1, MAX_ENTRIES),
			level: z.optional(z.enum(LOG_LEVELS, `level must be one of ${LOG_LEVELS.join(", ")}`)),
			category: optionalText("category"),
			since: optionalTime("since"),
		}),
	answers: () => ({
		200: { description: "The entries", schema: z.object({ logs: z.array(logEntrySchema()), count: z.number() }) },
		400: { description: "A filter is not valid", schema: errorReference },
	}),
} satisfies RouteContract;

/** Reading the daemon's log. */
export function addLogRoutes(
	routes: Routes,
	options: { folder: string; logger: Logger; world: Pick<World, "clock"> },
): void {
	routes.add(logsContract, ({ query: { limit = DEFAULT_ENTRIES, level, category, since } }) => {
		options.logger.flush();
		const logs = readLog(options.folder, options.world.clock.now(), limit, { level, category, sinceMs: since });
		return { logs, count: logs.length };
	});
}
