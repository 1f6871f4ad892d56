import type { ExitCode } from "@signet/core";
import { type Command, Option } from "commander";
import type { ImportOptions, PassphraseOptions, RekeyOptions } from "../commands/vault.ts";
import type { ConfirmOptions } from "../confirm.ts";
import type { CommonOptions } from "../environment.ts";

const PASSPHRASE_FILE = "--passphrase-file <file>";

/** `signet secret …`: what must not be known. Gives the command, for what else belongs to it. */
export function describeSecret(
	program: Command,
	command: (usage: string, description: string, parent: Command) => Command,
	done: (code: ExitCode) => void,
): Command {
	const secret = program.command("secret").description("keep what must not be known, and use it").exitOverride();
	const asking = (usage: string, description: string) =>
		command(usage, description, secret).option("--url <address>", "another daemon");
	const onFiles = (usage: string, description: string) => command(usage, description, secret);

	asking("put <name> [value]", "store one; without a value it is asked for, or read from standard input").action(
		async (name: string, value: string | undefined, options: CommonOptions) => {
			done(await (await import("../commands/secret.ts")).put(name, value, options));
		},
	);
	asking("list", "show the names").action(async (options: CommonOptions) => {
		done(await (await import("../commands/secret.ts")).list(options));
	});
	asking("delete <name>", "remove one; asks first")
		.alias("remove")
		.addOption(new Option("-y, --yes", "do not ask"))
		.action(async (name: string, options: ConfirmOptions) => {
			done(await (await import("../commands/secret.ts")).remove(name, options));
		});
	asking("has <name>", "say whether there is one (exit status 1 when not)").action(
		async (name: string, options: CommonOptions) => {
			done(await (await import("../commands/secret.ts")).has(name, options));
		},
	);
	onFiles("get <name>", "say how to use one without seeing it").action(async (name: string) => {
		done((await import("../commands/secret.ts")).get(name));
	});
	onFiles("check", "open every secret, and say which cannot be and why").action(async (options: CommonOptions) => {
		done(await (await import("../commands/vault.ts")).check(options));
	});
	onFiles("rekey", "seal all of them anew, under the same key or another one")
		.addOption(
			new Option("--to <source>", "where the key is to come from").choices(["machine", "passphrase", "keychain"]),
		)
		.option(PASSPHRASE_FILE, "where the new passphrase stands; else it is asked for")
		.action(async (options: RekeyOptions) => {
			done(await (await import("../commands/vault.ts")).rekey(options));
		});
	asking("unlock", "say the passphrase to the daemon, where there is one")
		.option(PASSPHRASE_FILE, "where it stands; else it is asked for")
		.action(async (options: PassphraseOptions) => {
			done(await (await import("../commands/vault.ts")).unlock(options));
		});
	onFiles("export [file]", "write all of them into a file, sealed under a passphrase of its own")
		.option(PASSPHRASE_FILE, "where that stands; else it is asked for")
		.action(async (file: string | undefined, options: PassphraseOptions) => {
			done(await (await import("../commands/vault.ts")).exportTo(file, options));
		});
	onFiles("import <file>", "take in such a file; what has a name here is kept")
		.option("--replace", "take the file's instead")
		.option(PASSPHRASE_FILE, "where its passphrase stands; else it is asked for")
		.action(async (file: string, options: ImportOptions) => {
			done(await (await import("../commands/vault.ts")).importFrom(file, options));
		});
	return secret;
}
