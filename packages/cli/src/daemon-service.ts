import { homedir } from "node:os";
import { ExitCode, messageOf, StartupError, type WorkspacePaths } from "@signet/core";
import { realWorld } from "@signet/core/world";
import { type DaemonRecord, isSameFolder, isSameProcess, readDaemonRecord } from "@signet/daemon/runtime";
import { type Service, type ServiceHost, serviceOf, systemdServiceOf } from "@signet/daemon/service";
import { errorFileOf, lastWords, sizeOf, untilServing } from "./daemon-process.ts";
import { CommandError } from "./failure.ts";
import { style } from "./terminal.ts";

/** How often the service manager is asked; each time is a process. */
const STATE_EVERY_MS = 300;

/** The service of this system; undefined where there can be none. */
function serviceHere(): Service | undefined {
	try {
		return serviceOf(serviceHost());
	} catch (error) {
		if (error instanceof StartupError) return undefined;
		throw error;
	}
}

/** This machine and this user, as service managers see them. */
export function serviceHost(): ServiceHost {
	return { platform: process.platform, homeFolder: homedir(), userId: process.getuid?.(), world: realWorld };
}

/** The service that was installed for a workspace, if its service manager can be reached. */
export async function usableService(paths: WorkspacePaths): Promise<Service | undefined> {
	const service = installedService(paths);
	return service?.demandReachable().then(
		() => service,
		(error: unknown) => {
			console.error(style.warn(`It is started without the service that is installed. ${messageOf(error)}`));
			return undefined;
		},
	);
}

function installedService(paths: WorkspacePaths): Service | undefined {
	const service = serviceHere();
	const workspace = service?.workspace();
	return workspace !== undefined && isSameFolder(workspace, paths.root) ? service : undefined;
}

/**
 * The service manager that starts the daemon of a workspace again when it ends, and so must be asked to end it: of the
 * service that was installed, or of one that somebody wrote. Throws when only the administrator may ask it.
 */
export async function supervisingService(paths: WorkspacePaths): Promise<Service | undefined> {
	const record = readDaemonRecord(paths);
	const installed = installedService(paths);
	if (installed && (await runs(installed, record))) return installed;
	const other = serviceOfSupervisor(record);
	return other && (await runs(other, record)) ? other : undefined;
}

/** A daemon that somebody started by hand is nobody's, even where there is a service; one between two starts is not. */
async function runs(service: Service, record: DaemonRecord | undefined): Promise<boolean> {
	// A service manager that cannot be reached runs nothing either.
	const state = await service.state().catch(() => undefined);
	return state !== undefined && (state.pid === record?.pid || /activating|auto-restart/.test(state.detail));
}

function serviceOfSupervisor(record: DaemonRecord | undefined): Service | undefined {
	const supervisor = record?.supervisor;
	if (supervisor?.kind === "launchd") return serviceHere();
	if (supervisor?.kind !== "systemd") return undefined;
	if (supervisor.isUser) return systemdServiceOf(serviceHost(), supervisor.unit);
	// What a crash left behind says nothing any more.
	if (isSameProcess(record?.pid ?? 0, record ?? {}) === false) return undefined;
	throw new CommandError(
		`The daemon is run by the systemd of this machine, as ${supervisor.unit}`,
		ExitCode.notAuthorised,
		`Ask it: sudo systemctl stop ${supervisor.unit} (or restart)`,
	);
}

/** Have the service manager start the daemon, or start it anew; resolves when it serves. */
export async function startBy(
	service: Service,
	paths: WorkspacePaths,
	act: "start" | "restart" = "start",
): Promise<DaemonRecord> {
	const before = readDaemonRecord(paths);
	const saidBefore = sizeOf(errorFileOf(paths));
	await service[act]().catch(async (error: unknown) => {
		const { isConfinementRefused, detail } = await service.state();
		throw isConfinementRefused ? new ConfinementRefused(detail) : error;
	});
	let askedAtMs = realWorld.clock.monotonicMs();
	return untilServing(paths, {
		isIt: ({ nonce }) => act === "start" || nonce !== before?.nonce,
		async failure() {
			if (realWorld.clock.monotonicMs() - askedAtMs < STATE_EVERY_MS) return undefined;
			askedAtMs = realWorld.clock.monotonicMs();
			const state = await service.state();
			if (state.isConfinementRefused) return new ConfinementRefused(state.detail);
			if (state.isRunning || /activating/.test(state.detail)) return undefined;
			const reason = lastWords(paths, saidBefore).replace(/^signet: /, "");
			return new CommandError(
				`${service.manager} could not start the daemon (${state.detail})${reason && `: ${reason}`}`,
				ExitCode.failure,
				service.manager === "systemd" ? "More: systemctl --user status signet" : undefined,
			);
		},
	});
}

/** The system does not let the services of an ordinary user be confined to their folders. */
export class ConfinementRefused extends CommandError {
	constructor(detail: string) {
		super(`The daemon could not be confined to its folders (${detail})`, ExitCode.failure);
	}
}
