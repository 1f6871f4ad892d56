import { rmSync } from "node:fs";
import { ExitCode } from "@signet/core";
import type { DaemonRecord } from "@signet/daemon/runtime";
import { endDaemon, isHeld, launch, runningDaemon } from "../daemon-process.ts";
import { startBy, supervisingService, usableService } from "../daemon-service.ts";
import { type CommonOptions, workspaceOf } from "../environment.ts";
import { style } from "../terminal.ts";

export interface LifecycleOptions extends CommonOptions {
	/** Start although that failed again and again; kill what does not end. */
	readonly force?: boolean;
}

/** `signet start`: returns when the daemon serves. Where it is installed as a service, the service manager starts it. */
export async function start(options: LifecycleOptions): Promise<ExitCode> {
	const paths = workspaceOf(options);
	const running = await runningDaemon(paths);
	if (running) {
		announce(options, "already-running", running);
		return ExitCode.ok;
	}
	const service = await usableService(paths);
	if (service && options.force) rmSync(paths.startsFile, { force: true });
	announce(
		options,
		"started",
		service ? await startBy(service, paths) : await launch(paths, { isForced: options.force ?? false }),
	);
	return ExitCode.ok;
}

/** `signet stop`: returns when the daemon has ended, and nothing starts it again. */
export async function stop(options: LifecycleOptions): Promise<ExitCode> {
	const paths = workspaceOf(options);
	const running = await runningDaemon(paths);
	const supervising = await supervisingService(paths);
	const wasHeld = isHeld(paths);
	await supervising?.stop();
	const ended = (await endDaemon(paths, { isForced: options.force ?? false })) ?? (wasHeld ? running : undefined);
	if (options.json) console.log(JSON.stringify({ status: ended ? "stopped" : "not-running", pid: ended?.pid ?? null }));
	else console.log(ended ? `Stopped ${style.dim(`(process ${ended.pid})`)}` : "It was not running");
	return ExitCode.ok;
}

/** `signet restart`. */
export async function restart(options: LifecycleOptions): Promise<ExitCode> {
	const paths = workspaceOf(options);
	const isForced = options.force ?? false;
	const supervising = await supervisingService(paths);
	if (supervising && options.force) rmSync(paths.startsFile, { force: true });
	announce(
		options,
		"restarted",
		supervising
			? await startBy(supervising, paths, "restart")
			: await endDaemon(paths, { isForced }).then(() => launch(paths, { isForced })),
	);
	return ExitCode.ok;
}

function announce(options: CommonOptions, status: string, record: DaemonRecord): void {
	const { pid, url, version, supervisor } = record;
	if (options.json) {
		console.log(JSON.stringify({ status, pid, url, version, ...(supervisor && { supervisor: supervisor.kind }) }));
		return;
	}
	const words = { started: "Started", restarted: "Restarted" }[status] ?? "Already running";
	const by = supervisor ? `, by ${supervisor.kind}` : "";
	console.log(
		`${style.good("●")} ${words} at ${style.accent(url)} ${style.dim(`(process ${pid}, version ${version}${by})`)}`,
	);
}
