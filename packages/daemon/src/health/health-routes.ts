import { existsSync } from "node:fs";
import { isoTime, type Settings, shownAddress, type WorkspacePaths, type World } from "@signet/core";
import { type Database, sql } from "@signet/db";
import type { Corpus, DocumentIndex, EmbeddingService, ProviderChecker } from "@signet/search";
import * as z from "zod/mini";
import { isKnown, may } from "../auth/caller.ts";
import type { SecurityLog } from "../auth/security-log.ts";
import type { RouteContract, Routes } from "../http/route.ts";
import type { WorkspaceSecrets } from "../secrets/workspace-secrets.ts";
import type { UpdateService } from "../update/update-service.ts";

/** What the daemon knows about itself. */
export interface DaemonIdentity {
	readonly version: string;
	readonly pid: number;
	/** Milliseconds since the epoch. */
	readonly startedAtMs: number;
	readonly host: string;
	/** The one that is listened on. */
	readonly port: number;
	/** Of this run. */
	readonly nonce: string;
}

export interface HealthContext {
	readonly identity: DaemonIdentity;
	readonly paths: WorkspacePaths;
	readonly database: Database;
	readonly documents: DocumentIndex;
	readonly embeddings: EmbeddingService;
	readonly provider: ProviderChecker;
	readonly corpus: Corpus;
	readonly secrets: Pick<WorkspaceSecrets, "state">;
	readonly settings: () => Settings;
	/** The reader's own switches, as they were at the start. */
	readonly features: Settings["features"];
	/** The file that the settings come from, and whether they are what it says now. */
	readonly configSource: () => { readonly file: string | undefined; readonly isInForce: boolean };
	readonly world: Pick<World, "clock">;
	readonly security: Pick<SecurityLog, "counters">;
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
			description: "It lives; the rest is for those who may ask for it",
			schema: z.object({
				status: z.literal("healthy"),
				db: z.boolean(),
				...z.partial(z.object(identityFields())).shape,
				nonce: z.optional(z.string().check(z.describe("Of this run: another after each start"))),
				updateAvailable: z.optional(z.boolean()),
				pendingRestart: z.optional(z.boolean()),
			}),
		},
		503: {
			description: "It is starting or shutting down; every other route answers the same then",
			schema: z.object({ status: z.enum(["starting", "shutting_down"]), error: z.string(), code: z.string() }),
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
				secrets: z.nullable(
					z.object({
						state: z.enum(["open", "locked", "unreadable", "absent"]),
						source: z.nullable(z.enum(["machine", "passphrase", "keychain"])),
						total: z.number(),
						unopened: z.number(),
						problem: z.nullable(z.string()),
						checkedAt: z.string(),
					}),
				),
				configuration: z.object({ file: z.nullable(z.string()), isInForce: z.boolean() }),
				warnings: z.array(z.string()),
				security: z.optional(
					z.object({
						refused: z
							.record(z.string(), z.number())
							.check(z.describe("Requests since the start that were refused, by the code of the reason")),
					}),
				),
			}),
		},
	}),
} satisfies RouteContract;

const featuresContract = {
	method: "GET",
	path: "/api/features",
	summary: "The switches under `features` in the configuration, as they were when the daemon was started",
	answers: () => ({ 200: { description: "By name", schema: z.record(z.string(), z.boolean()) } }),
} satisfies RouteContract;

/** Telling how the daemon is. */
export function addHealthRoutes(routes: Routes, context: HealthContext): void {
	routes.add(healthContract, async ({ caller }) => {
		const db = await canRead(context.database);
		if (!isKnown(caller)) return { status: "healthy", db };
		const { nonce } = context.identity;
		const { updateAvailable, pendingRestart } = context.updates.state;
		return {
			status: "healthy",
			...whoAmI(context),
			nonce,
			db,
			updateAvailable,
			pendingRestart: pendingRestart !== null,
		};
	});
	routes.add(featuresContract, () => context.features);
	routes.add(statusContract, ({ caller }) => {
		const { identity, paths, documents, embeddings, provider, corpus, settings } = context;
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
				memoryBytes: corpus.index.memoryBytes,
				vectorTable: context.database.vectorTable.problem ?? "ok",
			},
			update: context.updates.state,
			secrets: context.secrets.state ?? null,
			configuration: { file: file ?? null, isInForce },
			// They quote what stands in the file.
			warnings: may(caller, "diagnostics") ? warnings : [],
			...(may(caller, "diagnostics") && { security: { refused: context.security.counters } }),
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
		port: identity.port,
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

/** Whoever has any token sees it. */
function withoutSecrets(pipeline: Settings["pipeline"]): Settings["pipeline"] {
	const { telemetry, extraction } = pipeline;
	return {
		...pipeline,
		extraction: { ...extraction, endpoint: shownAddress(extraction.endpoint) },
		telemetry: {
			...telemetry,
			posthogHost: shownAddress(telemetry.posthogHost),
			posthogApiKey: telemetry.posthogApiKey === "" ? "" : "[redacted]",
		},
	};
}
