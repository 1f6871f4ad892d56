import type { ExitCode } from "@signet/core";
import type { Command } from "commander";
import type { LogsOptions } from "../commands/logs.ts";
import type { InstallOptions } from "../commands/service.ts";
import type { CommonOptions } from "../environment.ts";
import { wholeNumber } from "./options.ts";

/** `signet service …`: the daemon as a service of the system. */
export function describeService(
	program: Command,
	command: (usage: string, description: string, parent: Command) => Command,
	done: (code: ExitCode) => void,
): void {
	const service = program
		.command("service")
		.description("have the system run the daemon: systemd on Linux, launchd on macOS")
		.exitOverride();
	command("install", "have it started when you log in, and again when it fails; starts it", service)
		.option("--writable <folder...>", "folders besides its own that it may write to")
		.option("--force", "in place of the service of another workspace")
		.action(async (options: InstallOptions) => {
			done(await (await import("../commands/service.ts")).install(options));
		});
	command("uninstall", "stop it, and have the system know of it no more", service).action(
		async (options: CommonOptions) => {
			done(await (await import("../commands/service.ts")).uninstall(options));
		},
	);
	for (const what of ["start", "stop", "restart"] as const) {
		command(what, `${what} it by the service manager`, service).action(async (options: CommonOptions) => {
			done(await (await import("../commands/service.ts")).act(what, options));
		});
	}
	command("status", "show whether it is installed and runs", service).action(async (options: CommonOptions) => {
		done(await (await import("../commands/service.ts")).status(options));
	});
	command("logs", "show what it printed and logged", service)
		.option("-n, --lines <number>", "how many of each", wholeNumber, 50)
		.option("-f, --follow", "go on showing what is logged")
		.action(async (options: LogsOptions) => {
			done(await (await import("../commands/service.ts")).logs(options));
		});
}
