import type { ExitCode } from "@signet/core";
import { ROLES } from "@signet/daemon/runtime";
import { type Command, Option } from "commander";
import type { TokenCreateOptions, TokenRotateOptions } from "../commands/auth-token.ts";
import type { CommonOptions } from "../environment.ts";
import { positiveSeconds, seconds, yesOption } from "./options.ts";

/** `signet auth …`: who may do what. */
export function describeAuth(
	program: Command,
	asking: (usage: string, description: string, parent: Command) => Command,
	done: (code: ExitCode) => void,
): void {
	const auth = program.command("auth").description("who may do what, and the tokens that say so").exitOverride();
	asking("status", "show whom tokens are asked of, and who you are", auth).action(async (options: CommonOptions) => {
		done(await (await import("../commands/auth-status.ts")).authStatus(options));
	});
	const token = auth.command("token").description("make, list and end tokens").exitOverride();
	const ofToken = (usage: string, description: string) => asking(usage, description, token);
	ofToken("create", "make a token; it is shown once")
		.addOption(new Option("--role <role>", "what it may do").choices(ROLES).default("agent"))
		.option("--project <name>", "only memories of this project")
		.option("--agent <name>", "only memories that this agent stores with such a token")
		.option("--user <name>", "only memories that are stored for this user with such a token")
		.option("--sub <name>", "whose it is, for the history")
		.option("--ttl <time>", "how long it is good for: 90d, 12h, 30m, or seconds", positiveSeconds)
		.action(async (options: TokenCreateOptions) => {
			done(await (await import("../commands/auth-token.ts")).create(options));
		});
	ofToken("list", "show the tokens that were made").action(async (options: CommonOptions) => {
		done(await (await import("../commands/auth-token.ts")).list(options));
	});
	ofToken("revoke <id...>", "end tokens; the beginning of an id is enough").action(
		async (ids: string[], options: CommonOptions) => {
			done(await (await import("../commands/auth-token.ts")).revoke(ids, options));
		},
	);
	ofToken("rotate", "take another key; tokens from before end after the grace")
		.option("--grace <time>", "for how long they are still good: 7d, 12h, 0", seconds, 86_400)
		.addOption(yesOption())
		.action(async (options: TokenRotateOptions) => {
			done(await (await import("../commands/auth-token.ts")).rotate(options));
		});
}
