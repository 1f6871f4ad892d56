import { ExitCode, StartupError } from "@signet/core";
import { LaunchdService } from "./launchd-service.ts";
import type { Service, ServiceHost } from "./service.ts";
import { SystemdService } from "./systemd-service.ts";

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
