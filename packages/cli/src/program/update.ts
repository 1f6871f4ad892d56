import type { ExitCode } from "@signet/core";
import type { Command } from "commander";
import type { CommonOptions } from "../environment.ts";

/** `signet update …`: other versions of this program, with or without a daemon. */
export function describeUpdate(
	program: Command,
	command: (usage: string, description: string, parent: Command) => Command,
	done: (code: ExitCode) => void,
): void {
	const update = program.command("update").description("have a newer version of this program").exitOverride();
	const load = () => import("../commands/update.ts");
	command("check", "say whether there is one", update).action(async (options: CommonOptions) => {
		done(await (await load()).check(options));
	});
	command("apply [version]", "verify it and put it in use; go back if the daemon does not come up with it", update)
		.alias("install")
		.action(async (version: string | undefined, options: CommonOptions) => {
			done(await (await load()).apply(version, options));
		});
	command("rollback", "go back to the version before", update).action(async (options: CommonOptions) => {
		done(await (await load()).rollback(options));
	});
	command("status", "show what is set, and what lies beside the program", update).action(
		async (options: CommonOptions) => {
			done((await load()).status(options));
		},
	);
	command("enable", "let new versions install themselves", update).action(async (options: CommonOptions) => {
		done(await (await load()).setAutoInstall(true, options));
	});
	command("disable", "install nothing that nobody asked for (the default)", update).action(
		async (options: CommonOptions) => {
			done(await (await load()).setAutoInstall(false, options));
		},
	);
	update
		.command("stage <version>", { hidden: true })
		.exitOverride()
		.option("--json")
		.action(async (version: string, options: CommonOptions) => {
			done(await (await load()).stageOnly(version, options));
		});
}
