import { existsSync } from "node:fs";
import { isoTime, type Settings, type WorkspacePaths, type World } from "@signet/core";
import { type Database, sql } from "@signet/db";
import type { ActiveIndex, DocumentIndex, EmbeddingService, ProviderChecker } from "@signet/search";
import * as z from "zod/mini";
import type { RouteContract, Routes } from "../http/route.ts";
import type { UpdateService } from "../update/update-service.ts";

/** What the daemon knows about itself. */
export interface DaemonIdentity {
	readonly version: string;
	readonly pid: number;
	/** Milliseconds since the epoch. */
	readonly startedAtMs: number;
	readonly host: string;
	readonly port: () => number;
}

export interface HealthContext {
	readonly identity: DaemonIdentity;
	readonly paths: WorkspacePaths;
	readonly database: Database;
	readonly documents: DocumentIndex;
	readonly embeddings: EmbeddingService;
	readonly provider: ProviderChecker;
	readonly index: ActiveIndex;
	readonly settings: () => Settings;
	/** The file that they come from, and whether they are what it says now. */
	readonly configSource: () => { readonly file: string | undefined; readonly isInForce: boolean };
	readonly world: Pick<World, "clock">;
	readonly updates: Pick<UpdateService, "state">;
}

const identityFields = () => ({
	version: z.string(),
	pid: z.number(),
	uptime: z.number(),
	port: z.number(),
	agentsDir: z.string(),
});

const healthContract = {
	method: "GET",
	path: "/health",
	summary: "Whether the daemon lives and can read its database",
	answers: () => ({
		200: {
			description: "It lives",
			schema: z.object({
				status: z.literal("healthy"),
				...identityFields(),
				db: z.boolean(),
				updateAvailable: z.boolean(),
				pendingRestart: z.boolean(),
			}),
		},
	}),
} satisfies RouteContract;

const statusContract = {
	method: "GET",
	path: "/api/status",
	summary: "What the daemon is and how it is configured",
	answers: () => ({
		200: {
			description: "Its state",
			schema: z.object({
				status: z.literal("running"),
				...identityFields(),
				startedAt: z.string(),
				host: z.string(),
				memoryDb: z.boolean(),
				pipelineV2: z.unknown(),
				search: z.unknown(),
				embedding: z.unknown(),
				index: z.unknown(),
				update: z.unknown(),
				configuration: z.object({ file: z.nullable(z.string()), isInForce: z.boolean() }),
				warnings: z.array(z.string()),
			}),
		},
	}),
} satisfies RouteContract;

/** Telling how the daemon is. */
export function addHealthRoutes(routes: Routes, context: HealthContext): void {
	routes.add(healthContract, async () => ({
		status: "healthy",
		...whoAmI(context),
		db: await canRead(context.database),
		updateAvailable: context.updates.state.updateAvailable,
		pendingRestart: context.updates.state.pendingRestart !== null,
	}));
	routes.add(statusContract, () => {
		const { identity, paths, documents, embeddings, provider, index, settings } = context;
		const { pipeline, search, embedding, warnings } = settings();
		const { file, isInForce } = context.configSource();
		return {
			status: "running",
			...whoAmI(context),
			startedAt: isoTime(identity.startedAtMs),
			host: identity.host,
			memoryDb: existsSync(paths.database),
			pipelineV2: withoutSecrets(pipeline),
			search,
			embedding: {
				provider: embedding.provider === "auto" ? "ollama" : embedding.provider,
				model: embedding.model,
				...(embedding.provider === "auto" && { isDefault: true }),
				...(provider.latest && { available: provider.latest.available }),
				active: embeddings.state,
			},
			index: {
				documents: documents.documentCount,
				isBehind: documents.isBehind,
				memoryBytes: index.memoryBytes,
				vectorTable: context.database.vectorTable.problem ?? "ok",
			},
			update: context.updates.state,
			configuration: { file: file ?? null, isInForce },
			warnings,
		};
	});
}

function whoAmI({
	identity,
	paths,
	world,
}: HealthContext): Record<keyof ReturnType<typeof identityFields>, string | number> {
	return {
		uptime: (world.clock.now() - identity.startedAtMs) / 1000,
		pid: identity.pid,
		version: identity.version,
		port: identity.port(),
		agentsDir: paths.root,
	};
}

async function canRead(database: Database): Promise<boolean> {
	try {
		return (await database.read((reader) => reader.get(sql`SELECT 1`))) !== undefined;
	} catch {
		return false;
	}
}

function withoutSecrets(pipeline: Settings["pipeline"]): Settings["pipeline"] {
	const { telemetry } = pipeline;
	return {
		...pipeline,
		telemetry: { ...telemetry, posthogApiKey: telemetry.posthogApiKey === "" ? "" : "[redacted]" },
	};
}
