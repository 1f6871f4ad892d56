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

/** The passphrase of the vault: from where the environment says, else from the terminal, if anybody is there. */
export async function vaultPassphrase(): Promise<KnownPassphrase | undefined> {
	const { passphraseIn } = await import("@signet/secrets/passphrase");
	const known = await passphraseIn(process.env);
	if (known || !canAsk()) return known;
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
