import {
	isoTime,
	noCleaner,
	RequestError,
	Rest,
	StartupError,
	type TextCleaner,
	type WorkspacePaths,
	type World,
	within,
	workspacePaths,
} from "@signet/core";
import { VaultGuard } from "@signet/secrets";
import { application } from "./application.ts";
import { authSettingsOf } from "./auth/auth-settings.ts";
import { type Auth, openAuth } from "./auth/open-auth.ts";
import { ConfigFile } from "./config/config-file.ts";
import type { DaemonOptions } from "./daemon-options.ts";
import { Front } from "./http/front.ts";
import { isLoopbackHost, reachableName } from "./http/gate.ts";
import { IncomingBodies } from "./http/incoming-bodies.ts";
import { OutgoingAnswers } from "./http/outgoing-answers.ts";
import { type ListeningServer, listen } from "./http/server.ts";
import { Logger } from "./logs/logger.ts";
import { Faults } from "./process/faults.ts";
import { processStartOf } from "./process/process-start.ts";
import { releaseProgramPages } from "./process/program-pages.ts";
import { refuseBesideEarlier, workspaceTaken } from "./process/served-already.ts";
import { StartHistory } from "./process/start-history.ts";
import { supervisorOf } from "./process/supervisor.ts";
import { type CommandServices, commandServices } from "./secrets/command-services.ts";
import { WorkspaceSecrets } from "./secrets/workspace-secrets.ts";
import { openUpdates } from "./update/open-updates.ts";
import type { UpdateService } from "./update/update-service.ts";
import { VERSION } from "./version.ts";
import { ignoreInGit } from "./workspace/git-ignore.ts";
import { lockWorkspace } from "./workspace/lock.ts";
import { demandOwnFolder } from "./workspace/own-folder.ts";
import {
	type DaemonRecord,
	removeRuntimeFiles,
	writeHealthyStart,
	writeRuntimeFiles,
} from "./workspace/runtime-files.ts";
import { openServices, type Services } from "./workspace/services.ts";
import { startFailure } from "./workspace/start-failure.ts";

/** A command that looks whether somebody has the workspace has it itself for a moment. */
const LOCK_WAIT_MS = 250;
/** How long requests under way may take when the daemon is to end. */
const DRAIN_MS = 10_000;
/** How long what nobody waits for may take then. */
const BACKGROUND_MS = 10_000;
/** After this long without a request; what is kept for the next ones has been let go by then. */
const REST_MS = 25_000;
/** How long a model that nobody asks anything stays in memory. Starting it again takes about a second. */
const DEFAULT_IDLE_SECONDS = 60;

/** A daemon that serves. */
export interface RunningDaemon {
	readonly url: string;
	readonly paths: WorkspacePaths;
	/** What in the configuration is not used as it stands. */
	readonly warnings: readonly string[];
	/** Turn new requests away, finish those under way, close everything. A second call waits for the first. */
	stop(): Promise<void>;
	/** Read the configuration again, whether or not its file seems to have changed. */
	reload(): void;
	/** Errors that nobody caught. */
	readonly faults: Faults;
}

/**
 * Serve a workspace until stopped. Resolves when it answers; before that, requests are told that it is starting. Throws a
 * `StartupError` that says what to do when that cannot be; then nothing is left behind and nothing was changed.
 */
export async function startDaemon(options: DaemonOptions): Promise<RunningDaemon> {
	const { root, world } = options;
	const paths = workspacePaths(root);
	demandOwnFolder(root);
	const lock = lockWorkspace(paths, LOCK_WAIT_MS);
	if (!lock) throw await workspaceTaken(paths, world.network);
	try {
		const history = StartHistory.begin({
			paths,
			clock: world.clock,
			version: VERSION,
			isForced: options.isForced ?? false,
		});
		try {
			const running = await serve(options, paths);
			history.succeeded();
			let stopped: Promise<void> | undefined;
			return { ...running, paths, stop: () => (stopped ??= running.stop().then(() => lock.release())) };
		} catch (error) {
			const failure = startFailure(error, root);
			history.failed(failure);
			throw failure;
		}
	} catch (error) {
		lock.release();
		throw startFailure(error, root);
	}
}

/** The caller owns the workspace, and gives it up when what this gives was stopped, or when it throws. */
async function serve(options: DaemonOptions, paths: WorkspacePaths): Promise<Omit<RunningDaemon, "paths">> {
	const { host, env, world } = options;
	let cleaner: TextCleaner = noCleaner;
	const logger = new Logger(paths.logFolder, world, options.onLogEntry, { clean: (text) => cleaner.clean(text) });
	const secrets = new WorkspaceSecrets({ paths, world, env, logger });
	const vault = options.vault ?? secrets;
	const guard = new VaultGuard({
		vault,
		world,
		onProblem: (problem) => logger.warn("secrets", "values cannot be kept out of texts", { problem }),
	});
	cleaner = guard;
	const config = new ConfigFile(paths.configFiles, world.clock, env, (warnings) => {
		for (const warning of warnings) logger.warn("config", warning);
	});
	const { warnings } = config.settings;
	const front = new Front(world);
	let server: ListeningServer | undefined;
	let record: DaemonRecord | undefined;
	let services: Services | undefined;
	let auth: Auth | undefined;
	try {
		auth = openAuth({ settings: authSettingsOf(config, host), paths, world, logger });
		await refuseBesideEarlier(paths, world);
		keepOutOfGit(paths.root, logger);
		server = await listen({ ...options, handle: front.handle, network: world.network });
		record = recordOf(options, server.port);
		writeRuntimeFiles(paths, record);
		const settings = () => config.settings;
		const homeFolder = env.HOME || env.USERPROFILE;
		services = await openServices({
			paths,
			world,
			settings,
			logger,
			guard,
			secrets,
			vectorLibraryFile: env.SIGNET_VEC_PATH,
			homeFolder,
			models: {
				hub: env.SIGNET_MODEL_URL || undefined,
				workerCommand: options.workerCommand ?? [],
				idleMs: 1_000 * (Number(env.SIGNET_MODEL_IDLE_SECONDS) || DEFAULT_IDLE_SECONDS),
			},
		});
		const bodies = new IncomingBodies(world, undefined, (reason, count) =>
			logger.warn("api", "bodies of requests were not waited for", { reason, count }),
		);
		const answers = new OutgoingAnswers(world, undefined, (reason, count) =>
			logger.warn("api", "answers were broken off", { reason, count }),
		);
		const commands = commandServices({ vault, paths, world, settings, guard, env, homeFolder });
		const updates = openUpdates(options, paths, config, logger);
		const { port } = server;
		const app = application({
			options,
			paths,
			record,
			port,
			services,
			commands,
			auth,
			updates,
			logger,
			config,
			bodies,
			answers,
		});
		const rest = new Rest(world, REST_MS, giveBack);
		rest.used();
		front.open((request, connection) => {
			rest.used();
			return app.fetch(request, { peer: () => connection.requestIP(request)?.address });
		});
		writeHealthyStart(paths, record);
		if (auth.mode !== "local" || !isLoopbackHost(host)) logger.warn("daemon", exposure(auth.mode, host));
		logger.info("daemon", `listening at ${record.url}`, { version: VERSION, workspace: paths.root });
		logger.flush();
		services.startBackgroundWork();
		updates.follow();
		commands.runner.endLeftovers();
		// The log has to know what it must not say.
		void guard.ready();
		const running = { front, rest, bodies, server, services, commands, auth, updates, record, paths, logger, world };
		return {
			url: record.url,
			warnings,
			stop: () => stop(running),
			reload() {
				config.reload();
				logger.info("config", "the configuration was read again", { ...config.source });
			},
			faults: new Faults(world.clock, logger),
		};
	} catch (error) {
		front.close();
		auth?.close();
		await server?.abort();
		if (record) removeRuntimeFiles(paths, record);
		await services?.close();
		// A refusal is told to whoever started us, in its own words.
		if (!(startFailure(error, paths.root) instanceof StartupError)) logger.error("daemon", "could not start", error);
		logger.flush();
		throw error;
	}
}

interface Running {
	readonly front: Front;
	readonly rest: Rest;
	readonly bodies: IncomingBodies;
	readonly server: ListeningServer;
	readonly services: Services;
	readonly commands: CommandServices;
	readonly auth: Auth;
	readonly updates: UpdateService;
	readonly record: DaemonRecord;
	readonly paths: WorkspacePaths;
	readonly logger: Logger;
	readonly world: World;
}

/** Each part has its time, and what is not done by then is broken off: whoever waits for the end has little patience. */
async function stop(running: Running): Promise<void> {
	const { front, rest, bodies, server, services, commands, auth, updates, record, paths, logger, world } = running;
	const inTime = async (limitMs: number, work: Promise<void>, tooLong: string) => {
		const isDone = await within(
			world.timers,
			limitMs,
			work.then(() => true),
		);
		if (!isDone) logger.warn("daemon", tooLong);
		return isDone ?? false;
	};
	front.close();
	rest.stop();
	auth.close();
	bodies.close(new RequestError(503, "shutting_down", "The daemon is shutting down; nothing was done"));
	updates.stop();
	const quiet = services.stopTimers();
	await commands.runner.stop();
	const answered = front.drained().then(() => server.stop());
	if (!(await inTime(DRAIN_MS, answered, `requests were broken off after ${DRAIN_MS} ms`))) await server.abort();
	const finished = quiet.then(() => services.stopWork());
	await inTime(BACKGROUND_MS, finished, `what was under way was broken off after ${BACKGROUND_MS} ms`);
	await services.close();
	logger.info("daemon", "stopped");
	logger.flush();
	removeRuntimeFiles(paths, record);
}

function recordOf({ host, env, world }: DaemonOptions, port: number): DaemonRecord {
	const { pid, ppid } = process;
	const supervisor = supervisorOf({ env, pid, parentPid: ppid });
	return {
		pid,
		url: `http://${reachableName(host)}:${port}`,
		version: VERSION,
		startedAt: isoTime(world.clock.now()),
		nonce: world.random.uuid(),
		...processStartOf(pid),
		...(supervisor && { supervisor }),
	};
}

/** The runtime itself gives little back as long as nothing more is asked of it. */
function giveBack(): void {
	Bun.gc(true);
	void releaseProgramPages();
}

/** What cannot be kept out is told; the daemon serves all the same. */
function keepOutOfGit(root: string, logger: Logger): void {
	try {
		const { added, missing } = ignoreInGit(root);
		if (added.length > 0) logger.info("git", "added to .gitignore", { lines: added });
		if (missing) logger.warn("git", `${missing.why}; make sure that git ignores these`, { lines: missing.lines });
	} catch (error) {
		logger.error("git", ".gitignore could not be completed", error);
	}
}

function exposure(mode: Auth["mode"], host: string): string {
	const where = isLoopbackHost(host) ? "this machine alone" : `whoever reaches ${host}`;
	return `auth.mode is ${mode}, and ${where} can send requests`;
}
