import {
	isoTime,
	type Settings,
	StartupError,
	type WorkspacePaths,
	type World,
	within,
	workspacePaths,
} from "@signet/core";
import { ConfigFile } from "./config/config-file.ts";
import { addHealthRoutes, type DaemonIdentity } from "./health/health-routes.ts";
import { createApp } from "./http/app.ts";
import { isLoopbackHost, isWildcardHost } from "./http/gate.ts";
import { type ListeningServer, listen } from "./http/server.ts";
import { addJobRoutes } from "./jobs/job-routes.ts";
import { addLandingPage } from "./landing/landing-page.ts";
import type { LogEntry } from "./logs/log-entry.ts";
import { addLogRoutes } from "./logs/log-routes.ts";
import { Logger } from "./logs/logger.ts";
import { addBatchRoutes } from "./memory/batch-routes.ts";
import { addBrowseRoutes } from "./memory/browse-routes.ts";
import { addChangeRoutes } from "./memory/change-routes.ts";
import { addEmbeddingRoutes } from "./memory/embedding-routes.ts";
import { addHistoryRoutes } from "./memory/history-routes.ts";
import { addHookRoutes } from "./memory/hook-routes.ts";
import { addKeywordRoutes } from "./memory/keyword-routes.ts";
import { addMemoryRoutes } from "./memory/memory-routes.ts";
import { addProjectionRoutes } from "./memory/projection-routes.ts";
import { addRecallRoutes } from "./memory/recall-routes.ts";
import { addSimilarRoutes } from "./memory/similar-routes.ts";
import { addStatsRoutes } from "./memory/stats-routes.ts";
import { addTransferRoutes } from "./transfer/transfer-routes.ts";
import { openUpdates } from "./update/open-updates.ts";
import { addUpdateRoutes } from "./update/update-routes.ts";
import { VERSION } from "./version.ts";
import { LockedFiles, searchBytes } from "./workspace/byte-search.ts";
import { lockWorkspace } from "./workspace/lock.ts";
import { removeRuntimeFiles, writeRuntimeFiles } from "./workspace/runtime-files.ts";
import { openServices, type Services } from "./workspace/services.ts";
import { startFailure } from "./workspace/start-failure.ts";

/** How long requests under way may take when the daemon is to end. */
const DRAIN_MS = 10_000;
/** How long a model that nobody asks anything stays in memory. Starting it again takes about a second. */
const DEFAULT_IDLE_SECONDS = 60;

export interface DaemonOptions {
	/** The workspace. */
	readonly root: string;
	readonly host: string;
	/** 0 for any that is free. */
	readonly port: number;
	readonly env: Readonly<Record<string, string | undefined>>;
	readonly world: World;
	/** Starts this program as the process that runs a model; without it none can run on this machine. */
	readonly workerCommand?: readonly string[];
	/** This program as one file, where it is one, and the command that exchanges it by another version. */
	readonly program?: { readonly executable: string; readonly updateCommand: readonly string[] } | undefined;
	/** Told of each entry of the log. */
	readonly onLogEntry?: (entry: LogEntry) => void;
}

/** A daemon that serves. */
export interface RunningDaemon {
	readonly url: string;
	readonly paths: WorkspacePaths;
	/** What in the configuration is not used as it stands. */
	readonly warnings: readonly string[];
	/** Turn new requests away, finish those under way, close everything. A second call waits for the first. */
	stop(): Promise<void>;
}

/**
 * Serve a workspace until stopped. Resolves when it answers. Throws a `StartupError` that says what to do when that
 * cannot be; then nothing is left behind and nothing was changed.
 */
export async function startDaemon(options: DaemonOptions): Promise<RunningDaemon> {
	const { root, env, world } = options;
	const paths = workspacePaths(root);
	const lock = lockWorkspace(paths);
	const logger = new Logger(paths.logFolder, world, options.onLogEntry);
	let services: Services | undefined;
	try {
		const config = new ConfigFile(paths.configFiles, world.clock, env, (warnings) => {
			for (const warning of warnings) logger.warn("config", warning);
		});
		const { auth, warnings } = config.settings;
		refuseUnsafe(auth, options.host);
		services = await openServices({
			paths,
			world,
			settings: () => config.settings,
			logger,
			vectorLibraryFile: env.SIGNET_VEC_PATH,
			homeFolder: env.HOME || env.USERPROFILE,
			models: {
				hub: env.SIGNET_MODEL_URL || undefined,
				workerCommand: options.workerCommand ?? [],
				idleMs: 1_000 * (Number(env.SIGNET_MODEL_IDLE_SECONDS) || DEFAULT_IDLE_SECONDS),
			},
		});
		const serving = await serve(options, paths, services, logger, config);
		services.startBackgroundWork();
		let stopped: Promise<void> | undefined;
		return {
			url: serving.url,
			paths,
			warnings,
			stop: () => (stopped ??= serving.stop().then(() => lock.release())),
		};
	} catch (error) {
		await services?.close();
		logger.flush();
		lock.release();
		throw startFailure(error, root);
	}
}

async function serve(
	options: DaemonOptions,
	paths: WorkspacePaths,
	services: Services,
	logger: Logger,
	config: ConfigFile,
): Promise<{ url: string; stop: () => Promise<void> }> {
	const { host, port, world } = options;
	const updates = openUpdates(options, paths, config, logger);
	let server: ListeningServer | undefined;
	let isStopping = false;
	const identity: DaemonIdentity = {
		version: VERSION,
		pid: process.pid,
		startedAtMs: world.clock.now(),
		host,
		port: () => server?.port ?? port,
	};
	const locked = new LockedFiles(
		[paths.database, paths.lockFile].flatMap((file) => [file, `${file}-wal`, `${file}-shm`, `${file}-journal`]),
	);
	const app = createApp({
		version: VERSION,
		host,
		port: identity.port,
		// What was written to the file before a request holds for it.
		settings: () => config.refresh(),
		logger,
		random: world.random,
		timers: world.timers,
		isStopping: () => isStopping,
		addRoutes: (routes) => {
			addHealthRoutes(routes, { ...services, identity, paths, updates, configSource: () => config.source });
			addRecallRoutes(routes, services);
			addBatchRoutes(routes, services);
			addMemoryRoutes(routes, services);
			addKeywordRoutes(routes, services);
			addSimilarRoutes(routes, services);
			addEmbeddingRoutes(routes, services);
			addProjectionRoutes(routes, services);
			addBrowseRoutes(routes, services);
			addStatsRoutes(routes, services, paths);
			addChangeRoutes(routes, services, (texts) => searchBytes(paths.root, texts, { timers: world.timers, locked }));
			addHistoryRoutes(routes, services);
			addHookRoutes(routes, services);
			addJobRoutes(routes, services);
			addTransferRoutes(routes, services);
			addUpdateRoutes(routes, updates, () => world.clock.now());
			addLogRoutes(routes, { folder: paths.logFolder, logger, world });
		},
	});
	addLandingPage(app);
	server = await listen({ host, port, handle: (request) => app.fetch(request), network: world.network });
	const url = `http://${reachableName(host)}:${server.port}`;
	const startedAt = isoTime(identity.startedAtMs);
	writeRuntimeFiles(paths, { pid: process.pid, url, version: VERSION, startedAt, nonce: world.random.uuid() });
	logger.info("daemon", `listening at ${url}`, { version: VERSION, workspace: paths.root });
	logger.flush();
	updates.follow();
	const listening = server;
	return {
		url,
		async stop() {
			isStopping = true;
			updates.stop();
			removeRuntimeFiles(paths);
			const isDrained = await within(
				world.timers,
				DRAIN_MS,
				listening.stop().then(() => true),
			);
			if (!isDrained) {
				logger.warn("daemon", `requests were broken off after ${DRAIN_MS} ms`);
				await listening.abort();
			}
			await services.close();
			logger.info("daemon", "stopped");
			logger.flush();
		},
	};
}

/** What a client on this machine calls an address that we listen at. */
function reachableName(host: string): string {
	if (isWildcardHost(host)) return host === "0.0.0.0" ? "127.0.0.1" : "[::1]";
	return host.includes(":") ? `[${host}]` : host;
}

/** Whatever this program cannot enforce it must not pretend to: it does not start at all. */
function refuseUnsafe({ mode, allowInsecureRemote }: Settings["auth"], host: string): void {
	if (mode !== "local") {
		throw new StartupError(
			`auth.mode is ${JSON.stringify(mode)} in agent.yaml, and this version can only enforce "local"`,
			"Set auth.mode to local to serve this machine without tokens. Nothing was changed.",
		);
	}
	if (!isLoopbackHost(host) && !allowInsecureRemote) {
		throw new StartupError(
			`SIGNET_HOST is ${host}: everybody who reaches that address could read and write your memory without a token`,
			"Unset SIGNET_HOST to serve this machine alone, or set auth.allowInsecureRemote: true in agent.yaml if the network is trusted.",
		);
	}
}
