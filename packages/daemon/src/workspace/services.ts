import { join } from "node:path";
import type { Settings, TextGuard, WorkspacePaths, World } from "@signet/core";
import { type Database, JobRunner, openSqlite } from "@signet/db";
import { Confirmations, Erasures, type ForgetBatchContext, Retention } from "@signet/memory";
import {
	AccessCounter,
	Corpus,
	DocumentEmbedder,
	DocumentIndex,
	EmbeddingService,
	LexiconKeeper,
	type LocalModels,
	type LocalModelsOptions,
	Projections,
	ProviderChecker,
	type RecallContext,
	VectorTableKeeper,
} from "@signet/search";
import { MemoryFiles } from "@signet/sync";
import type { Logger } from "../logs/logger.ts";
import type { WorkspaceSecrets } from "../secrets/workspace-secrets.ts";

export interface ServicesOptions {
	readonly paths: WorkspacePaths;
	readonly world: World;
	readonly settings: () => Settings;
	readonly logger: Logger;
	/** Keeps the values of secrets out of what is remembered and exported. */
	readonly guard: TextGuard;
	/** The vault of the workspace. */
	readonly secrets: WorkspaceSecrets;
	/** `SIGNET_VEC_PATH`. */
	readonly vectorLibraryFile: string | undefined;
	/** Of the person whose workspace it is, to see what their tools keep there. */
	readonly homeFolder: string | undefined;
	/** Models that run on this machine: where they come from, and what runs them. */
	readonly models: Pick<LocalModelsOptions, "hub" | "workerCommand" | "idleMs">;
}

/** Everything that works on a workspace, put together. */
export interface Services extends RecallContext, ForgetBatchContext {
	readonly database: Database;
	readonly settings: () => Settings;
	readonly world: World;
	readonly jobs: JobRunner;
	readonly provider: ProviderChecker;
	readonly projections: Projections;
	readonly secrets: WorkspaceSecrets;
	/** Begin the work that nobody waits for. */
	startBackgroundWork(): void;
	/** Begin nothing more by itself; requests are served as before. */
	stopTimers(): Promise<void>;
	/** End the work that nobody waits for; what is not done is begun anew by the next start. */
	stopWork(): Promise<void>;
	/** Write what was accepted, and close the database. */
	close(): Promise<void>;
}

/** Open the database of a workspace and what works on it. Throws a `StartupError` when that cannot be done. */
export async function openServices(options: ServicesOptions): Promise<Services> {
	const { paths, world, settings, logger, guard, secrets, homeFolder } = options;
	const { database, backup } = await openSqlite({
		file: paths.database,
		world,
		vectorTable: { libraryFile: options.vectorLibraryFile, cacheFolder: join(paths.runtimeFolder, "cache") },
		stampFile: join(paths.runtimeFolder, "database-stamp"),
		onDerivationFailure: (error) => logger.error("memory", "a commit could not be indexed", error),
	});
	if (backup) logger.info("daemon", "the database was upgraded; a copy of it as it was is kept", { backup });

	const corpus = new Corpus(database, world.timers);
	let localModels: LocalModels | undefined;
	const modelsHere = () => {
		localModels ??= loadLocalModels({
			world,
			modelsFolder: paths.modelsFolder,
			root: paths.root,
			...options.models,
			onNews: (message, details) => logger.info("memory", message, details),
		});
		return localModels;
	};
	const embeddings: EmbeddingService = new EmbeddingService(
		world,
		() => settings().embedding,
		() => embedder.wake(0),
		(wanted, onChanged) => modelsHere().provider(wanted, onChanged),
		secrets,
	);
	const provider = new ProviderChecker(world, () => settings().embedding, embeddings, secrets);
	const vectorTable = new VectorTableKeeper(database, world.timers);
	const toldProblems = new Map<string, string>();
	const jobs = new JobRunner({
		database,
		world,
		onProblem({ id, job_type }, problem) {
			// Many that wait for the same are one problem.
			if (toldProblems.get(job_type) === problem) return;
			toldProblems.set(job_type, problem);
			logger.warn("jobs", "a job was not done", { id, type: job_type, problem });
		},
	});
	const embedder = new DocumentEmbedder({
		database,
		world,
		embeddings,
		onEncoded: (model, encoded) => corpus.index.added(model, encoded),
		jobs,
		vectorTable,
		onProblem: (problem) => logger.warn("memory", "memories stay without vectors for now", { problem }),
	});
	jobs.handle(embedder);
	const retention = new Retention({
		database,
		world,
		settings,
		jobs,
		onSwept: (swept) => logger.info("memory", "what was over age was removed", { ...swept }),
	});
	jobs.handle(retention);
	const erasures = new Erasures({ database, world, jobs });
	jobs.handle(erasures);
	const files = new MemoryFiles({
		database,
		world,
		guard,
		places: { notes: paths.memoryFolder, projects: homeFolder && join(homeFolder, ".claude", "projects") },
		isExtracted: () => settings().pipeline.enabled || settings().pipeline.shadowMode,
		isPaused: () => settings().pipeline.mutationsFrozen || !settings().files.enabled,
		onProblem: (file, problem) => logger.warn("memory", "a file is not remembered", { file, problem }),
	});
	const lexicon = new LexiconKeeper(database, world.timers);
	const stopping = new AbortController();
	const documents: DocumentIndex = new DocumentIndex({
		database,
		timers: world.timers,
		chunkSizes: () => settings().pipeline.guardrails,
		onDocumentsChanged: ({ added, ...change }) => {
			embedder.removed(change.removed);
			corpus.changed(change);
			embedder.added(added);
			lexicon.grown(added.length, documents.documentCount);
			if (documents.isBehind) void catchUp();
		},
	});
	// Before opening, which may find that there is something to be done.
	const catchUp = () =>
		documents
			.catchUp(stopping.signal)
			.catch((error: unknown) => logger.error("memory", "memories could not be indexed", error));
	await documents.open();
	const accesses = new AccessCounter(database, world, (error) =>
		logger.error("memory", "accesses could not be counted", error),
	);

	const beginJobs = async () => {
		await catchUp();
		await lexicon.open();
		if (stopping.signal.aborted) return;
		await jobs.start().catch((error: unknown) => logger.error("jobs", "jobs cannot be started", error));
		embedder.wake(0);
		void erasures.start().catch((error: unknown) => logger.error("jobs", "erasing cannot go on", error));
		await retention.start().catch((error: unknown) => logger.error("jobs", "retention cannot be started", error));
		await vectorTable.reconcile();
	};

	return {
		database,
		settings,
		world,
		guard,
		documents,
		corpus,
		embeddings,
		provider,
		secrets,
		projections: new Projections({
			database,
			file: paths.database,
			world,
			model: () => embeddings.provider?.model,
		}),
		embedder,
		erasures,
		jobs,
		accesses,
		confirmations: new Confirmations(world),
		startBackgroundWork() {
			void beginJobs();
			files.start();
			secrets.start();
		},
		async stopTimers() {
			stopping.abort();
			secrets.stop();
			vectorTable.stop();
			retention.stop();
			lexicon.stop();
			await files.stop();
		},
		async stopWork() {
			embedder.stop();
			localModels?.stop();
			await jobs.stop();
		},
		async close() {
			stopping.abort();
			await accesses.flush();
			await database.close();
		},
	};
}

/** At once, but only where it is configured: the daemon is to be small. */
function loadLocalModels(options: LocalModelsOptions): LocalModels {
	const local: typeof import("@signet/search/local-models") = require("@signet/search/local-models");
	return new local.LocalModels(options);
}
