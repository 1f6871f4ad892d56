import type { World } from "@signet/core";
import type { ServicePlan } from "./service-plan.ts";

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
