import { ExitCode, isoTime, parseSettings, type UpdateSettings, type WorkspacePaths } from "@signet/core";
import { realWorld } from "@signet/core/world";
import { editConfigFile, VERSION } from "@signet/daemon/runtime";
import {
	adviceOn,
	applyStaged,
	compareVersions,
	type DaemonControl,
	InstalledProgram,
	isBreakingUpgrade,
	isExactVersion,
	Registry,
	type Release,
	rollBack,
	stageRelease,
	trustedKeys,
	UpdateProblem,
	type UpdateRecord,
	withSettings,
} from "@signet/daemon/update";
import { healthAnswer } from "../answers.ts";
import { connect } from "../client.ts";
import { readConfigText } from "../config-text.ts";
import { endDaemon, launch, runningDaemon } from "../daemon-process.ts";
import { type CommonOptions, executableFile, typed, workspaceOf } from "../environment.ts";
import { CommandError } from "../failure.ts";
import { style } from "../terminal.ts";

const MACHINE = `${process.platform}-${process.arch}`;

/** `signet update check`: whether there is a newer version. Needs no daemon. */
export async function check(options: CommonOptions): Promise<ExitCode> {
	const release = await told(registry().newest(settingsOf(workspaceOf(options)).channel));
	const isNewer = compareVersions(release.version, VERSION) > 0;
	const isBreaking = isNewer && isBreakingUpgrade(VERSION, release.version);
	const { version: latest, publishedAt = null } = release;
	return said(options, { current: VERSION, latest, isNewer, isBreaking, publishedAt }, () => {
		if (!isNewer) return `${style.good("✓")} ${VERSION} is the newest version`;
		const when = publishedAt === null ? "" : style.dim(` (of ${publishedAt.slice(0, 10)})`);
		const step = isBreaking ? " It is a step that may change how things work." : "";
		return `${latest} is there${when}, this is ${VERSION}.${step}\nPut it in use: ${typed("update apply")}`;
	});
}

/** `signet update apply [VERSION]`: verify a version, put it in use, and go back if it does not come up healthy. */
export async function apply(version: string | undefined, options: CommonOptions): Promise<ExitCode> {
	const paths = workspaceOf(options);
	const program = installedProgram();
	using _ = lockOf(program);
	const wanted = await wantedRelease(program, version, paths);
	if (wanted === undefined) {
		return said(
			options,
			{ status: "newest", version: VERSION },
			() => `${style.good("✓")} ${VERSION} is the newest version`,
		);
	}
	if (typeof wanted !== "string") await told(stage(program, wanted));
	const applied = await told(applyStaged(realWorld, program, controlOf(paths)));
	return said(options, { status: "applied", from: VERSION, ...applied }, () => {
		const daemon = applied.isRestarted ? ", and the daemon runs it" : "";
		return `${style.good("✓")} ${applied.version} is in use${daemon} ${style.dim(`(was ${VERSION}; back: ${typed("update rollback")})`)}`;
	});
}

/** `signet update stage VERSION`: have a version verified beside this one. The daemon asks for that. */
export async function stageOnly(version: string, options: CommonOptions): Promise<ExitCode> {
	const program = installedProgram();
	using _ = lockOf(program);
	await told(stage(program, await told(registry().release(exact(version)))));
	return said(
		options,
		{ status: "staged", version },
		() => `${style.good("✓")} ${version} lies beside ${program.file}`,
	);
}

/** `signet update rollback`: the version before this one. */
export async function rollback(options: CommonOptions): Promise<ExitCode> {
	const program = installedProgram();
	using _ = lockOf(program);
	const back = await told(rollBack(program, controlOf(workspaceOf(options))));
	return said(options, { status: "rolled-back", from: VERSION, ...back }, () => {
		return `${style.good("✓")} ${back.version} is in use again ${style.dim(`(was ${VERSION})`)}`;
	});
}

/** `signet update status`: what is set, what lies beside the program, and what became of the last try. */
export function status(options: CommonOptions): ExitCode {
	const { auto_install, check_interval, channel, min_age_hours } = settingsOf(workspaceOf(options));
	const executable = executableFile();
	const { staged, previous, failed } = executable === undefined ? {} : recordBeside(executable);
	const answer = {
		current: VERSION,
		executable: executable ?? null,
		staged: staged?.version ?? null,
		previous: previous?.version ?? null,
		failed: failed ?? null,
		autoInstall: auto_install,
		checkInterval: check_interval,
		channel,
		minAgeHours: min_age_hours,
	};
	return said(options, answer, () => {
		const lines = [
			["version", VERSION],
			["program", executable ?? "runs from its sources, which are updated by other means"],
			["key", canVerify() ? "" : style.warn(NO_KEY)],
			["by itself", auto_install ? `looks every ${check_interval} s, channel ${channel}` : "no"],
			["ready", staged ? `${staged.version}; put it in use: ${typed("update apply")}` : ""],
			["before", previous ? `${previous.version}; go back: ${typed("update rollback")}` : ""],
			["failed", failed ? `${failed.version} on ${failed.at.slice(0, 10)}: ${failed.why}` : ""],
		];
		return lines
			.filter(([, value]) => value !== "")
			.map(([name = "", value]) => `${style.dim(name.padEnd(10))} ${value}`)
			.join("\n");
	});
}

/** `signet update enable` and `disable`: whether new versions install themselves. */
export async function setAutoInstall(isWanted: boolean, options: CommonOptions): Promise<ExitCode> {
	const paths = workspaceOf(options);
	const { file } = await editConfigFile(paths, (text) => withSettings(text, { auto_install: isWanted }));
	// It would notice by itself, but only when somebody asks it.
	const running = await runningDaemon(paths);
	if (running) await connect({ path: paths.root }).get("/api/update/config");
	return said(options, { autoInstall: isWanted, file }, () => {
		if (!isWanted) return `${style.good("✓")} New versions do not install themselves`;
		const { min_age_hours } = settingsOf(paths);
		const enabled = `${style.good("✓")} New versions install themselves ${min_age_hours} hours after they came out; steps that may change how things work do not`;
		return canVerify() ? enabled : `${enabled}\n${style.warn(`! ${NO_KEY}`)}`;
	});
}

async function wantedRelease(
	program: InstalledProgram,
	version: string | undefined,
	paths: WorkspacePaths,
): Promise<Release | string | undefined> {
	const staged = program.record().staged?.version;
	const isStaged = staged !== undefined && compareVersions(staged, VERSION) > 0;
	if (version !== undefined) return staged === exact(version) ? staged : await told(registry().release(version));
	if (isStaged) return staged;
	const newest = await told(registry().newest(settingsOf(paths).channel));
	return compareVersions(newest.version, VERSION) > 0 ? newest : undefined;
}

const NO_KEY =
	"This program has no key of its makers, so that it takes no version: it was built without one, and SIGNET_UPDATE_KEY names none";

/** Whether it could be seen that a version is of whom it should be. */
function canVerify(): boolean {
	return trustedKeys(process.env).length > 0;
}

function stage(program: InstalledProgram, release: Release): Promise<void> {
	const keys = trustedKeys(process.env);
	return stageRelease({ world: realWorld, registry: registry(), program, machine: MACHINE, keys }, release);
}

function registry(): Registry {
	const { platform, arch: architecture } = process;
	return new Registry({ world: realWorld, env: process.env, platform, architecture });
}

function installedProgram(): InstalledProgram {
	const executable = executableFile();
	if (executable !== undefined) return asCommand(() => new InstalledProgram(executable, VERSION));
	throw new CommandError(
		"This program runs from its sources and is no file that could be exchanged",
		ExitCode.conflict,
		"Update the sources: `git pull`, then start the daemon again.",
	);
}

function lockOf(program: InstalledProgram): Disposable {
	const lock = asCommand(() => program.lock());
	return { [Symbol.dispose]: () => lock.release() };
}

function recordBeside(executable: string): UpdateRecord {
	try {
		return new InstalledProgram(executable, VERSION).record();
	} catch {
		// Where nothing can lie beside it, nothing does.
		return {};
	}
}

function asCommand<T>(work: () => T): T {
	try {
		return work();
	} catch (error) {
		throw error instanceof UpdateProblem ? new CommandError(error.message, ExitCode.conflict) : error;
	}
}

/** The daemon of a workspace, which is started by the executable as it is then. */
function controlOf(paths: WorkspacePaths): DaemonControl {
	return {
		isRunning: async () => (await runningDaemon(paths)) !== undefined,
		stop: async () => void (await endDaemon(paths)),
		async start() {
			await launch(paths);
			const health = healthAnswer.parse(await connect({ path: paths.root }).get("/health"));
			if (!health.db) throw new Error("it cannot read its database");
			return health.version;
		},
	};
}

function settingsOf(paths: WorkspacePaths): UpdateSettings {
	return parseSettings(readConfigText(paths).text, process.env).updates;
}

function exact(version: string): string {
	if (isExactVersion(version)) return version;
	throw new CommandError(`${JSON.stringify(version)} is no exact version`, ExitCode.usage, "One is written like 1.2.3");
}

/** What a problem with an update says, with what to do about it. */
async function told<T>(work: Promise<T>): Promise<T> {
	try {
		return await work;
	} catch (error) {
		if (error instanceof UpdateProblem) throw new CommandError(adviceOn(error.message), ExitCode.failure);
		throw error;
	}
}

function said(options: CommonOptions, answer: object, text: () => string): ExitCode {
	console.log(options.json ? JSON.stringify({ ...answer, at: isoTime(realWorld.clock.now()) }) : text());
	return ExitCode.ok;
}
