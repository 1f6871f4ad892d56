import { RequestError } from "@signet/core";
import type { Context } from "hono";
import * as z from "zod/mini";
import { optionalFlag, optionalText } from "../http/fields.ts";
import { errorReference } from "../http/openapi.ts";
import type { RouteContract, Routes } from "../http/route.ts";
import { updateHealth } from "./update-health.ts";
import type { UpdateService } from "./update-service.ts";
import { MAX_INTERVAL_S, MIN_INTERVAL_S, readUpdateChange } from "./update-settings.ts";

const CHANNELS = ["latest", "next"] as const;

const checkContract = {
	method: "GET",
	path: "/api/update/check",
	summary: "Whether there is a newer version, as it was found out within the last hour or, with force, now",
	query: () => z.object({ force: optionalFlag("force") }),
	answers: () => ({
		200: {
			description: "What is known; with checkError, why nothing new is",
			schema: z.object({
				currentVersion: z.string(),
				latestVersion: z.nullable(z.string()),
				updateAvailable: z.boolean(),
				publishedAt: z.optional(z.string()),
				isMajorUpgrade: z.optional(z.boolean()),
				restartRequired: z.optional(z.literal(true)),
				pendingVersion: z.optional(z.string()),
				checkError: z.optional(z.string()),
				cached: z.boolean(),
				checkedAt: z.string(),
			}),
		},
	}),
} satisfies RouteContract;

const historyFields = () => ({
	pendingRestartVersion: z.nullable(z.string()),
	lastAutoUpdateAt: z.optional(z.string()),
	lastAutoUpdateError: z.nullable(z.string()),
	updateInProgress: z.boolean(),
});
const settingFields = () => ({ autoInstall: z.boolean(), checkInterval: z.number(), channel: z.enum(CHANNELS) });

const configContract = {
	method: "GET",
	path: "/api/update/config",
	summary: "How updates are handled",
	answers: () => ({
		200: {
			description: "The settings, and what came of them",
			schema: z.object({
				...settingFields(),
				minInterval: z.number(),
				maxInterval: z.number(),
				...historyFields(),
			}),
		},
	}),
} satisfies RouteContract;

const configureContract = {
	method: "POST",
	path: "/api/update/config",
	summary: "Change how updates are handled; not from a web page",
	body: () =>
		z.object(
			{
				autoInstall: z.optional(z.unknown()),
				auto_install: z.optional(z.unknown()),
				checkInterval: z.optional(z.unknown()),
				check_interval: z.optional(z.unknown()),
			},
			"the body must be a JSON object",
		),
	answers: () => ({
		200: {
			description: "What holds now, and whether the file has it",
			schema: z.object({
				success: z.literal(true),
				config: z.object(settingFields()),
				persisted: z.boolean(),
				...historyFields(),
			}),
		},
		400: {
			description: "A value cannot be used; nothing was changed",
			schema: z.object({ success: z.literal(false), error: z.string(), code: z.string() }),
		},
		403: { description: "A web page asks", schema: errorReference },
	}),
} satisfies RouteContract;

const runContract = {
	method: "POST",
	path: "/api/update/run",
	summary: "Have a version verified and laid beside the program; not from a web page",
	body: () => z.object({ targetVersion: optionalText("targetVersion") }, "the body must be a JSON object"),
	isBodyOptional: true,
	answers: () => ({
		200: {
			description: "Whether that was done; with restartRequired it is used after the next start",
			schema: z.object({
				success: z.boolean(),
				message: z.string(),
				output: z.optional(z.string()),
				installedVersion: z.optional(z.string()),
				restartRequired: z.optional(z.boolean()),
			}),
		},
		403: { description: "A web page asks", schema: errorReference },
	}),
} satisfies RouteContract;

const healthContract = {
	method: "GET",
	path: "/api/diagnostics/update",
	summary: "How well updates are looked after",
	answers: () => ({
		200: {
			description: "A score from 0 to 1, and what it is made of",
			schema: z.object({
				score: z.number(),
				status: z.enum(["healthy", "degraded", "unhealthy"]),
				autoInstallEnabled: z.boolean(),
				lastCheckSucceeded: z.boolean(),
				lastCheckAgeHours: z.nullable(z.number()),
				pendingRestart: z.boolean(),
				lastError: z.nullable(z.string()),
			}),
		},
	}),
} satisfies RouteContract;

/** Newer versions of this program. */
export function addUpdateRoutes(routes: Routes, updates: UpdateService, now: () => number): void {
	routes.add(checkContract, ({ query }) => updates.check(query.force ?? false));
	routes.add(configContract, () => {
		updates.follow();
		return { ...settingsOf(updates), minInterval: MIN_INTERVAL_S, maxInterval: MAX_INTERVAL_S, ...historyOf(updates) };
	});
	routes.add(configureContract, async ({ body, context }) => {
		refusePages(context);
		const wanted = readUpdateChange(body);
		if (typeof wanted === "string") {
			return context.json({ success: false, error: wanted, code: "invalid_request" }, 400);
		}
		const persisted = await updates.configure(wanted);
		return { success: true, config: settingsOf(updates), persisted, ...historyOf(updates) };
	});
	routes.add(runContract, ({ body, context }) => {
		refusePages(context);
		return updates.install(body.targetVersion);
	});
	routes.add(healthContract, () => updateHealth(updates.state, now()));
}

/** Also not from our own: what was slipped into it must not be able to exchange the program. */
function refusePages({ req }: Context): void {
	if (req.header("origin") === undefined && req.header("sec-fetch-site") === undefined) return;
	throw new RequestError(403, "not_from_a_page", "Updates are not made by web pages. Use `signet update apply`");
}

function settingsOf({ settings }: UpdateService) {
	const { auto_install, check_interval, channel } = settings;
	return { autoInstall: auto_install, checkInterval: check_interval, channel };
}

function historyOf(updates: UpdateService) {
	return { pendingRestartVersion: updates.pendingVersion, ...updates.history };
}
