import { type Command, InvalidArgumentError, Option } from "commander";
import type { SecretExecOptions } from "../commands/secret-exec.ts";
import type { SecretPolicyOptions } from "../commands/secret-policy.ts";
import type { CommonOptions } from "../environment.ts";

/** `signet secret exec`, `policy`, `approvals`, `approve` and `deny`: using secrets, and saying what they may be used for. */
export function describeSecretUse(
	secret: Command,
	asking: (usage: string, description: string, parent: Command) => Command,
	done: (code: number) => void,
): void {
	asking("exec [command...]", "run a command with secrets; what it prints is shown without them", secret)
		.addHelpText(
			"after",
			"\nOne word after -- is a text for the shell, several are a program and its arguments. The exit status is that of\nthe command.",
		)
		.addOption(
			new Option("-s, --secret <name[=variable]>", "a secret, and the variable for it; again for more")
				.argParser(collect)
				.default([], "none"),
		)
		.option("--cwd <folder>", "where to run it", process.cwd())
		.option("--no-cwd", "in a folder of its own, which is removed afterwards")
		.option("--timeout <seconds>", "how long it may take, up to 600", seconds)
		.action(async (words: string[], options: SecretExecOptions) => {
			done(await (await import("../commands/secret-exec.ts")).secretExec(words, options));
		});
	asking("policy [name]", "show what secrets may be used for, or change it for one; what is not said stays", secret)
		.option("--use <use>", "allow, ask (a person), or deny")
		.option("--role <role>", "only who has that role; again for more", collect)
		.option("--caller <name>", "only that one; again for more", collect)
		.option(
			"--command <pattern>",
			"only commands like it (* in a word, ... for any more words); again for more",
			collect,
		)
		.option("--host <name>", "only a curl that sends there; again for more", collect)
		.option("--otherwise <use>", "ask or deny, for all other commands")
		.option("--reset", "forget what was said of it before; alone, let hold for it what holds for all")
		.action(async (name: string | undefined, options: SecretPolicyOptions) => {
			done(await (await import("../commands/secret-policy.ts")).secretPolicy(name, options));
		});
	asking("approvals", "show what waits for somebody to allow it", secret).action(async (options: CommonOptions) => {
		done(await (await import("../commands/secret-policy.ts")).secretApprovals(options));
	});
	asking("approve <id...>", "allow a use, once", secret).action(async (ids: string[], options: CommonOptions) => {
		done(await (await import("../commands/secret-policy.ts")).secretDecide(ids, "approve", options));
	});
	asking("deny <id...>", "refuse a use", secret).action(async (ids: string[], options: CommonOptions) => {
		done(await (await import("../commands/secret-policy.ts")).secretDecide(ids, "deny", options));
	});
}

function collect(value: string, before: readonly string[] | undefined): string[] {
	return [...(before ?? []), value];
}

function seconds(text: string): number {
	const value = Number(text);
	if (!(value > 0 && value <= 600)) throw new InvalidArgumentError("It must be a number of seconds up to 600.");
	return value;
}
