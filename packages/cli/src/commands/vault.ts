import { closeSync, constants, fsyncSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { resolve } from "node:path";
import { ExitCode, isoTime, messageOf, RequestError } from "@signet/core";
import { realWorld } from "@signet/core/world";
import type { KeySource, KnownPassphrase, NewKey, SecretStore, VaultCheck } from "@signet/secrets";
import { connect, NotRunningError } from "../client.ts";
import { type CommonOptions, typed, workspaceOf } from "../environment.ts";
import { CommandError } from "../failure.ts";
import { readFailure, writeFailure } from "../file-failure.ts";
import { givenPassphrase, newPassphrase, vaultPassphrase } from "../passphrase.ts";
import { plural, style } from "../terminal.ts";

/** Commands that work on the vault itself, with a daemon or without: what they handle is to go over no network. */

export interface PassphraseOptions extends CommonOptions {
	/** `--passphrase-file`: where a passphrase stands that would be asked for otherwise. */
	readonly passphraseFile?: string;
}

export interface RekeyOptions extends PassphraseOptions {
	/** `--to`: where the key is to come from. */
	readonly to?: KeySource;
}

export interface ImportOptions extends PassphraseOptions {
	readonly replace?: boolean;
}

const MAX_BUNDLE_BYTES = 64 * 1024 * 1024;

/** `signet secret check`: exit status 1 when a secret cannot be opened. */
export async function check(options: CommonOptions): Promise<ExitCode> {
	const found = await (await vaultOf(options)).check();
	if (options.json) console.log(JSON.stringify(found, null, 2));
	else console.log(describe(found).join("\n"));
	return isSound(found) ? ExitCode.ok : ExitCode.failure;
}

/** `signet secret rekey`: seal everything anew, under the same key or one from elsewhere. */
export async function rekey(options: RekeyOptions): Promise<ExitCode> {
	if (options.passphraseFile !== undefined && options.to !== "passphrase") {
		throw new CommandError(
			"--passphrase-file is where a new passphrase stands, and the key is to come from elsewhere",
			ExitCode.usage,
			`Try: ${typed("secret rekey --to passphrase --passphrase-file FILE")}`,
		);
	}
	const vault = await vaultOf(options);
	const to: NewKey =
		options.to === "passphrase"
			? { source: "passphrase", passphrase: await newPassphrase("New passphrase", options.passphraseFile) }
			: { source: options.to ?? "same" };
	const { source, sealed, left } = await reported(() => vault.rekey(to));
	if (to.source === "passphrase") await unlockDaemon(to.passphrase, options);
	if (options.json) console.log(JSON.stringify({ source, sealed, left }, null, 2));
	else {
		console.log(`${style.good("✓")} ${plural(sealed, "secret is", "secrets are")} sealed anew, ${BY[source]}`);
		if (left.length > 0) console.log(style.warn(`! No key opens ${left.join(", ")}: left as before`));
		if (options.to) {
			console.log(style.dim("  Copies from before, such as backups and what git has, open as they did."));
		}
	}
	return ExitCode.ok;
}

/** `signet secret unlock`: say the passphrase to the daemon. */
export async function unlock(options: PassphraseOptions): Promise<ExitCode> {
	const passphrase = await givenPassphrase("Passphrase of the secrets", options.passphraseFile);
	await connect(options).post("/api/secret-store/unlock", { passphrase });
	if (options.json) console.log(JSON.stringify({ success: true }));
	else console.log(`${style.good("✓")} The secrets are open until the daemon ends`);
	return ExitCode.ok;
}

/** `signet secret export FILE`: all secrets in one file, sealed under a passphrase of its own. */
export async function exportTo(path: string | undefined, options: PassphraseOptions): Promise<ExitCode> {
	const target = resolve(path ?? `signet-secrets-${isoTime(realWorld.clock.now()).slice(0, 10)}.json`);
	const vault = await vaultOf(options);
	const file = makeFile(target);
	try {
		const passphrase = await newPassphrase("Passphrase for the file", options.passphraseFile);
		const { text, count, left } = await reported(() => vault.export(passphrase));
		writeSync(file, text);
		fsyncSync(file);
		if (options.json) console.log(JSON.stringify({ path: target, secrets: count, left }, null, 2));
		else {
			console.log(`${style.good("✓")} ${plural(count, "secret", "secrets")} in ${target}`);
			if (left.length > 0) console.log(style.warn(`! No key opens ${left.join(", ")}: not in it`));
		}
		return left.length > 0 ? ExitCode.failure : ExitCode.ok;
	} catch (error) {
		rmSync(target, { force: true });
		throw error;
	} finally {
		closeSync(file);
	}
}

/** `signet secret import FILE`: take in what was exported; names that are taken keep what they have. */
export async function importFrom(path: string, options: ImportOptions): Promise<ExitCode> {
	const text = readBundle(resolve(path));
	const passphrase = await givenPassphrase("Passphrase of the file", options.passphraseFile);
	const vault = await vaultOf(options);
	const { added, replaced, kept } = await reported(() =>
		vault.import(text, passphrase, { isReplacing: options.replace ?? false }),
	);
	if (options.json) console.log(JSON.stringify({ added, replaced, kept }, null, 2));
	else {
		console.log(`${style.good("✓")} ${plural(added.length, "secret", "secrets")} added, ${replaced.length} replaced`);
		if (kept.length > 0)
			console.log(style.dim(`  Here already, and kept: ${kept.join(", ")} (--replace takes the file's)`));
	}
	return ExitCode.ok;
}

/** What a check found, a line each. */
export function describe(found: VaultCheck): string[] {
	const { state, problem, source, total, unopened, otherKey, unbound, openToOthers } = found;
	const anew = `\`${typed("secret rekey")}\` seals them anew`;
	const lines: string[] = [];
	if (state === "absent") lines.push("There are no secrets");
	if (state === "unreadable") lines.push(`${style.error("✗")} ${problem}`);
	if (state === "locked") lines.push(`${style.warn("!")} ${plural(total, "secret", "secrets")}, locked: ${problem}`);
	if (state === "open" && source) {
		const isGood = unopened.length === 0;
		const can = isGood ? `${plural(total, "secret", "secrets")}, all of them can be opened` : countOf(found);
		lines.push(`${isGood ? style.good("✓") : style.error("✗")} ${can}; sealed ${BY[source]}`);
	}
	for (const { name, why } of unopened) lines.push(`${style.error("✗")} ${name}: ${WHY[why]}`);
	if (otherKey.length > 0) {
		lines.push(`${style.warn("!")} Sealed under another key of this machine: ${otherKey.join(", ")}; ${anew}`);
	}
	if (unbound.length > 0) {
		lines.push(`${style.warn("!")} Not proved to belong to their names: ${unbound.join(", ")}; ${anew}`);
	}
	for (const path of openToOthers) lines.push(`${style.warn("!")} Others of this machine may look into ${path}`);
	return lines;
}

/** `2 of 5 secrets cannot be opened`. */
export function countOf({ unopened, total }: VaultCheck): string {
	return `${unopened.length} of ${plural(total, "secret", "secrets")} cannot be opened`;
}

/** Whether all secrets can be had. */
export function isSound({ state, unopened }: VaultCheck): boolean {
	return state !== "unreadable" && unopened.length === 0;
}

/** The vault of a workspace; a passphrase is asked for when one is needed. */
export async function vaultOf(
	options: CommonOptions,
	passphrase: () => Promise<KnownPassphrase | undefined> = vaultPassphrase,
): Promise<SecretStore> {
	const { openVault } = await import("@signet/secrets");
	return openVault({ folder: workspaceOf(options).secretsFolder, world: realWorld, env: process.env, passphrase });
}

const BY: Readonly<Record<KeySource, string>> = {
	machine: "by what tells this machine from others",
	passphrase: "by a passphrase",
	keychain: "by a key in the keychain of the system",
};

const WHY: Readonly<Record<VaultCheck["unopened"][number]["why"], string>> = {
	damaged: "what is stored is damaged",
	foreign: "sealed on another machine, or damaged",
	moved: "belongs to another name; somebody has changed the file",
};

/** A daemon that runs would have to be told otherwise. */
async function unlockDaemon(passphrase: string, options: CommonOptions): Promise<void> {
	try {
		await connect(options).post("/api/secret-store/unlock", { passphrase });
	} catch (error) {
		if (error instanceof NotRunningError) return;
		console.error(style.dim(`  Tell the daemon, too: ${typed("secret unlock")} (${messageOf(error)})`));
	}
}

/** Refusals of the vault are for whoever typed the command. */
async function reported<T>(work: () => Promise<T>): Promise<T> {
	try {
		return await work();
	} catch (error) {
		if (!(error instanceof RequestError)) throw error;
		const exitCode = error.status === 400 ? ExitCode.usage : ExitCode.failure;
		throw new CommandError(error.message, exitCode);
	}
}

/** Made here and now, and its owner's alone from the beginning. */
function makeFile(path: string): number {
	try {
		return openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
	} catch (error) {
		const isThere = error instanceof Error && "code" in error && error.code === "EEXIST";
		if (isThere) throw new CommandError(`${path} is there already`, ExitCode.conflict, "Name another file.");
		throw writeFailure(error, path);
	}
}

function readBundle(path: string): string {
	try {
		const bytes = readFileSync(path);
		if (bytes.length > MAX_BUNDLE_BYTES)
			throw new Error(`${path} has ${bytes.length} bytes, more than any export of secrets`);
		return bytes.toString("utf8");
	} catch (error) {
		throw new CommandError(messageOf(readFailure(error, path)), ExitCode.notFound);
	}
}
