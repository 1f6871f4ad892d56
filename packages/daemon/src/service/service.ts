import { ExitCode, StartupError, type World } from "@signet/core";
import { LaunchdService } from "./launchd-service.ts";
import type { ServicePlan } from "./service-plan.ts";
import { SystemdService } from "./systemd-service.ts";

/** What is known of the daemon as a service of the system. */
export interface ServiceState {
	readonly isRunning: boolean;
	readonly pid?: number | undefined;
	/** What the service manager says of it, in its words. */
	readonly detail: string;
	/** Whether it did not come up because it was to be confined to its folders. */
	readonly isConfinementRefused: boolean;
}

/** The daemon as a service that the system starts when its user logs in, and again when it fails. */
export interface Service {
	readonly manager: "systemd" | "launchd";
	/** The file that makes it a service; it may not be there. */
	readonly file: string;
	/** The workspace that it serves, as its file says; undefined when it is not installed. */
	workspace(): string | undefined;
	/** Whether the service manager can be reached; else why not, and what to do. */
	demandReachable(): Promise<void>;
	/** Write its file, and have the system know it and start it at each login; it is not started now. */
	install(plan: ServicePlan): Promise<void>;
	/** The reverse; it is stopped before. */
	uninstall(): Promise<void>;
	/** Returns when the service manager has started it, not when it serves. */
	start(): Promise<void>;
	/** Returns when it has ended. It stays so until it is started, or the user logs in again. */
	stop(): Promise<void>;
	/** Returns as `start` does. */
	restart(): Promise<void>;
	/** Throws when the service manager cannot be reached. */
	state(): Promise<ServiceState>;
	/** What a person should know after it was installed. */
	notes(): Promise<readonly string[]>;
}

export interface ServiceHost {
	readonly platform: NodeJS.Platform;
	readonly homeFolder: string;
	/** Of the user; undefined where users have no number. */
	readonly userId: number | undefined;
	readonly world: Pick<World, "processes" | "timers" | "clock">;
}

/** The service of this system. Throws a `StartupError` where there is none. */
export function serviceOf(host: ServiceHost): Service {
	if (host.platform === "linux") return new SystemdService(host);
	if (host.platform === "darwin") return new LaunchdService(host);
	throw new StartupError(
		`There is no service for ${host.platform === "win32" ? "Windows" : host.platform} yet`,
		"Have `signet start` run when you log in: on Windows by a shortcut to it in the Startup folder (shell:startup).",
		ExitCode.usage,
	);
}

/** A unit of the user's systemd that runs the daemon, whoever wrote it. */
export function systemdServiceOf(host: ServiceHost, unit: string): Service {
	return new SystemdService(host, unit);
}
