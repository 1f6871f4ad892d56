import type { WorkspacePaths } from "@signet/core";
import type { Hono } from "hono";
import { addAuthRoutes } from "./auth/auth-routes.ts";
import { type AppEnv, demandAccessOfAll } from "./auth/guard.ts";
import type { Auth } from "./auth/open-auth.ts";
import type { ConfigFile } from "./config/config-file.ts";
import type { DaemonOptions } from "./daemon-options.ts";
import { addHealthRoutes, type DaemonIdentity } from "./health/health-routes.ts";
import { createApp } from "./http/app.ts";
import type { IncomingBodies } from "./http/incoming-bodies.ts";
import type { OutgoingAnswers } from "./http/outgoing-answers.ts";
import { addJobRoutes } from "./jobs/job-routes.ts";
import { addLandingPage } from "./landing/landing-page.ts";
import { addLogRoutes } from "./logs/log-routes.ts";
import type { Logger } from "./logs/logger.ts";
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
import type { CommandServices } from "./secrets/command-services.ts";
import { addExecRoutes } from "./secrets/exec-routes.ts";
import { addGuardRoutes } from "./secrets/guard-routes.ts";
import { addPolicyRoutes } from "./secrets/policy-routes.ts";
import { addSecretRoutes } from "./secrets/secret-routes.ts";
import { addTransferRoutes } from "./transfer/transfer-routes.ts";
import { addUpdateRoutes } from "./update/update-routes.ts";
import type { UpdateService } from "./update/update-service.ts";
import { VERSION } from "./version.ts";
import { LockedFiles, searchBytes } from "./workspace/byte-search.ts";
import type { DaemonRecord } from "./workspace/runtime-files.ts";
import type { Services } from "./workspace/services.ts";

interface ApplicationParts {
	readonly options: DaemonOptions;
	readonly paths: WorkspacePaths;
	readonly record: DaemonRecord;
	readonly port: number;
	readonly services: Services;
	readonly commands: CommandServices;
	readonly auth: Auth;
	readonly updates: UpdateService;
	readonly logger: Logger;
	readonly config: ConfigFile;
	readonly bodies: IncomingBodies;
	readonly answers: OutgoingAnswers;
}

/** All routes of a daemon, behind what stands before each of them. */
export function application(parts: ApplicationParts): Hono<AppEnv> {
	const { options, paths, record, port, services, commands, auth, updates, logger, config, bodies, answers } = parts;
	const { host, world } = options;
	const identity: DaemonIdentity = { ...record, startedAtMs: Date.parse(record.startedAt), host, port };
	const { features } = config.settings;
	const locked = new LockedFiles(
		[paths.database, paths.lockFile, paths.secretsLockFile].flatMap((file) => [
			file,
			`${file}-wal`,
			`${file}-shm`,
			`${file}-journal`,
		]),
	);
	const app = createApp({
		version: VERSION,
		host,
		port: () => port,
		// What was written to the file before a request holds for it.
		settings: () => config.refresh(),
		auth,
		logger,
		random: world.random,
		bodies,
		answers,
		addRoutes: (routes) => {
			addHealthRoutes(routes, {
				...services,
				identity,
				paths,
				features,
				security: auth.log,
				updates,
				configSource: () => config.source,
			});
			addAuthRoutes(routes, auth);
			addUpdateRoutes(routes, updates, () => world.clock.now());
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
			addExecRoutes(routes, commands, logger);
			addPolicyRoutes(routes, commands, () => config.settings);
			addGuardRoutes(routes, services);
			addSecretRoutes(routes, { ...services, logger });
			addLogRoutes(routes, { folder: paths.logFolder, logger, world });
		},
	});
	addLandingPage(app);
	demandAccessOfAll(app.routes);
	return app;
}
