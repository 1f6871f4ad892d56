import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { ExitCode, type WorkspacePaths } from "@signet/core";
import { realWorld } from "@signet/core/world";
import { type DaemonRecord, isSameFolder } from "@signet/daemon/runtime";
import { type Service, type ServicePlan, serviceOf } from "@signet/daemon/service";
import { endDaemon, runningDaemon } from "../daemon-process.ts";
import { ConfinementRefused, serviceHost, startBy } from "../daemon-service.ts";
import { type CommonOptions, listenAddress, ownCommand, typed, workspaceOf } from "../environment.ts";
import { CommandError } from "../failure.ts";
import { facts, printable, style } from "../terminal.ts";
import { restart, start, stop } from "./lifecycle.ts";
import { type LogsOptions, logs as showLog } from "./logs.ts";

export interface InstallOptions extends CommonOptions {
	/** Folders that the daemon may write to, besides its own. */
	readonly writable?: readonly string[];
	/** In place of a service that serves another workspace. */
	readonly force?: boolean;
}

/** `signet service install`: write the file of the service for this workspace, and start it. */
export async function install(options: InstallOptions): Promise<ExitCode> {
	const paths = workspaceOf(options);
	const service = serviceOf(serviceHost());
	await service.demandReachable();
	if (!options.force) {
		demandSameWorkspace(service, paths, `, or have this one take its place: ${typed("service install --force")}`);
	}
	const plan = planOf(paths, options);
	if (service.workspace() !== undefined) await service.stop();
	await endDaemon(paths);
	await service.install(plan);
	const { record, isConfined } = await startConfined(service, plan);
	const notes = await service.notes();
	if (options.json) {
		console.log(
			JSON.stringify({
				status: "installed",
				manager: service.manager,
				file: service.file,
				...shown(record),
				isConfined,
				notes,
			}),
		);
		return ExitCode.ok;
	}
	console.log(
		`${style.good("●")} ${service.manager} runs the daemon at ${style.accent(record.url)} ${style.dim(`(process ${record.pid})`)}\n`,
	);
	console.log(
		facts([
			["file", service.file],
			["workspace", paths.root],
		]),
	);
	if (!isConfined)
		console.log(
			`\n${style.warn("!")} It is not confined to its folders: this system does not allow that to the services of a user.`,
		);
	for (const note of notes) console.log(`\n${style.dim(note)}`);
	return ExitCode.ok;
}

/** `signet service uninstall`. */
export async function uninstall(options: CommonOptions): Promise<ExitCode> {
	const service = serviceOf(serviceHost());
	const isInstalled = service.workspace() !== undefined;
	if (isInstalled) {
		await service.demandReachable();
		demandSameWorkspace(service, workspaceOf(options));
		await service.uninstall();
	}
	if (options.json)
		console.log(JSON.stringify({ status: isInstalled ? "uninstalled" : "not-installed", file: service.file }));
	else console.log(isInstalled ? `Uninstalled ${style.dim(service.file)}` : "It was not installed");
	return ExitCode.ok;
}

const ACTS = { start, stop, restart };

/** `signet service start | stop | restart`: as without `service`, where it is installed. */
export async function act(what: keyof typeof ACTS, options: CommonOptions): Promise<ExitCode> {
	const service = serviceOf(serviceHost());
	if (service.workspace() === undefined) throw notInstalled();
	await service.demandReachable();
	demandSameWorkspace(service, workspaceOf(options));
	if (what !== "stop") await demandSupervised(service, workspaceOf(options));
	return ACTS[what](options);
}

/** `signet service status`: exit status 3 when it is not running. */
export async function status(options: CommonOptions): Promise<ExitCode> {
	const service = serviceOf(serviceHost());
	const workspace = service.workspace();
	const state = await service.state();
	const paths = workspaceOf(options);
	const record = await runningDaemon(paths);
	const isRunning = workspace !== undefined && state.isRunning;
	const uptime =
		record && state.pid === record.pid ? (realWorld.clock.now() - Date.parse(record.startedAt)) / 1_000 : null;
	if (options.json) {
		console.log(
			JSON.stringify({
				installed: workspace !== undefined,
				running: isRunning,
				pid: state.pid ?? null,
				uptime,
				port: record ? Number(new URL(record.url).port) : null,
				manager: service.manager,
				file: service.file,
				workspace: workspace ?? null,
				detail: state.detail,
			}),
		);
	} else if (workspace === undefined) {
		console.log(
			`${style.dim("○")} ${style.bold("not installed")}\n\nInstall it with ${style.accent(typed("service install"))}`,
		);
	} else {
		console.log(
			`${isRunning ? style.good("●") : style.dim("○")} ${style.bold(isRunning ? "running" : "not running")}\n`,
		);
		console.log(
			facts([
				["manager", `${service.manager}: ${state.detail}`],
				["process", String(state.pid ?? "none")],
				["workspace", workspace],
				["file", service.file],
			]),
		);
	}
	return isRunning ? ExitCode.ok : ExitCode.daemonUnreachable;
}

/** `signet service logs`: what the daemon printed, which the service manager keeps, and then what it logged. */
export async function logs(options: LogsOptions): Promise<ExitCode> {
	const { logFolder } = workspaceOf(options);
	if (!options.json) {
		for (const name of ["daemon.out.log", "daemon.err.log"]) {
			const lines = lastLines(join(logFolder, name), options.lines);
			if (lines.length > 0) console.log(`${style.dim(name)}\n${lines.map(printable).join("\n")}\n`);
		}
	}
	return showLog(options);
}

function planOf(paths: WorkspacePaths, { writable = [] }: InstallOptions): ServicePlan {
	const { host, port } = listenAddress();
	if (!Number.isInteger(port) || port < 1 || port > 65_535) {
		throw new CommandError(
			`SIGNET_PORT is ${process.env.SIGNET_PORT}, which is no port that a service can always have`,
			ExitCode.usage,
			"Use a number from 1 to 65535.",
		);
	}
	return {
		command: [...ownCommand(), "daemon", "--quiet"],
		paths,
		homeFolder: homedir(),
		host,
		port,
		// In quotes the shell leaves `~` as it is.
		writableFolders: writable.map((folder) => resolve(folder.replace(/^~(?=\/|$)/, homedir()))),
		isConfined: true,
	};
}

/** Not every system lets the services of an ordinary user be confined; there it runs as any other program does. */
async function startConfined(
	service: Service,
	plan: ServicePlan,
): Promise<{ record: DaemonRecord; isConfined: boolean }> {
	try {
		return { record: await startBy(service, plan.paths), isConfined: service.manager === "systemd" };
	} catch (error) {
		if (!(error instanceof ConfinementRefused)) throw error;
		await service.install({ ...plan, isConfined: false });
		return { record: await startBy(service, plan.paths), isConfined: false };
	}
}

function demandSameWorkspace(service: Service, { root }: WorkspacePaths, otherWay = ""): void {
	const other = service.workspace();
	if (other === undefined || isSameFolder(other, root)) return;
	throw new CommandError(
		`The service is installed for another workspace, ${other}`,
		ExitCode.conflict,
		`Name that one: --path ${JSON.stringify(other)}${otherWay}`,
	);
}

/** A daemon that somebody started by hand is in the way of the service. */
async function demandSupervised(service: Service, paths: WorkspacePaths): Promise<void> {
	const record = await runningDaemon(paths);
	if (!record || (await service.state()).pid === record.pid) return;
	throw new CommandError(
		`A daemon that is not the service's runs already (process ${record.pid})`,
		ExitCode.conflict,
		`Stop it first: ${typed("stop")}`,
	);
}

function notInstalled(): CommandError {
	return new CommandError(
		"The daemon is not installed as a service",
		ExitCode.notFound,
		`Install it with \`${typed("service install")}\`.`,
	);
}

function shown({ pid, url, version }: DaemonRecord) {
	return { pid, url, version };
}

function lastLines(file: string, count: number): string[] {
	if (!existsSync(file)) return [];
	return readFileSync(file, "utf8").trimEnd().split("\n").slice(-count).filter(Boolean);
}
