import { ExitCode } from "@signet/core";
import type { KnownPassphrase } from "@signet/secrets";
import { CommandError } from "./failure.ts";
import { askHidden, canAsk } from "./hidden-input.ts";

/** A passphrase that is there already: from a file, else from whoever is at the terminal. */
export async function givenPassphrase(what: string, file: string | undefined): Promise<string> {
	if (file !== undefined) return fromFile(file);
	if (!canAsk()) throw nobodyToAsk(what);
	return askHidden(what);
}

/** A new passphrase, as above; who types it does so twice. */
export async function newPassphrase(what: string, file: string | undefined): Promise<string> {
	if (file !== undefined) return fromFile(file);
	if (!canAsk()) throw nobodyToAsk(what);
	const passphrase = await askHidden(what);
	if ((await askHidden("Once more")) === passphrase) return passphrase;
	throw new CommandError("These are two different passphrases, and nothing was done", ExitCode.usage);
}

/**
 * The passphrase of the vault: from where the environment says, else from the terminal. Throws when nobody is there: what
 * was said to the daemon stays with the daemon.
 */
export async function vaultPassphrase(): Promise<KnownPassphrase> {
	const { passphraseIn } = await import("@signet/secrets/passphrase");
	const known = await passphraseIn(process.env);
	if (known) return known;
	if (!canAsk()) {
		throw new Error(
			"this command needs their passphrase, and nobody is there to be asked; let SIGNET_SECRETS_PASSPHRASE_FILE name a file that has it",
		);
	}
	return { text: await askHidden("Passphrase of the secrets"), from: "what you typed" };
}

async function fromFile(file: string): Promise<string> {
	const { passphraseInFile } = await import("@signet/secrets/passphrase");
	return passphraseInFile(file);
}

function nobodyToAsk(what: string): CommandError {
	return new CommandError(
		`${what}: nobody is there to be asked`,
		ExitCode.usage,
		"Put it into a file that is yours alone (mode 0600), and name that: --passphrase-file FILE",
	);
}
