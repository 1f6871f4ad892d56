import type { ExitCode } from "@signet/core";
import type { Command } from "commander";
import type { ConfigListOptions } from "../commands/config.ts";
import type { CommonOptions } from "../environment.ts";

/** `signet config …`: the settings, with or without a daemon. */
export function describeConfig(
	program: Command,
	command: (usage: string, description: string, parent: Command) => Command,
	done: (code: ExitCode) => void,
): void {
	const config = program.command("config").description("show and change the settings").exitOverride();
	command("check", "say what in the file is not used as it stands, and where", config).action(
		async (options: CommonOptions) => {
			done((await import("../commands/config.ts")).check(options));
		},
	);
	command("get <key>", "show the value that holds", config).action(async (key: string, options: CommonOptions) => {
		done((await import("../commands/config.ts")).get(key, options));
	});
	command(
		"set <key> <value...>",
		"change a setting in the file; the value - is read from standard input",
		config,
	).action(async (key: string, words: string[], options: CommonOptions) => {
		done(await (await import("../commands/config-change.ts")).set(key, words, options));
	});
	command("unset <key>", "let the default hold again", config).action(async (key: string, options: CommonOptions) => {
		done(await (await import("../commands/config-change.ts")).unset(key, options));
	});
	command("list [section]", "show all settings, their values, and where these come from", config)
		.option("--set", "only those that the file or the environment sets")
		.action(async (section: string | undefined, options: ConfigListOptions) => {
			done((await import("../commands/config.ts")).list(section, options));
		});
}
