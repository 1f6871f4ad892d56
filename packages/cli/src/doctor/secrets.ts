import { existsSync, readFileSync } from "node:fs";
import { parseSettings, RequestError, referredSecret, type WorkspacePaths } from "@signet/core";
import { findConfigFile } from "@signet/daemon/runtime";
import type { SecretStore, VaultCheck } from "@signet/secrets";
import { statusAnswer } from "../answers.ts";
import { connect } from "../client.ts";
import { countOf, vaultOf } from "../commands/vault.ts";
import { type CommonOptions, typed, workspaceOf } from "../environment.ts";
import { CommandError } from "../failure.ts";
import { plural } from "../terminal.ts";
import type { Finding } from "./finding.ts";

const check = "secrets";

/** Whether secrets can be had, are nobody else's business, and are there where a setting wants one. Changes nothing. */
export async function checkSecrets(options: CommonOptions): Promise<Finding[]> {
	const paths = workspaceOf(options);
	const wanted = referencesIn(paths);
	if (!existsSync(paths.secretsFile) && wanted.length === 0)
		return [{ check, status: "ok", message: "there are none" }];
	// Nobody is to be asked for a passphrase by a check.
	const { passphraseIn } = await import("@signet/secrets/passphrase");
	const vault = await vaultOf(options, () => passphraseIn(process.env));
	const found = await vault.check();
	if (found.state === "locked" && (await isOpenToDaemon(options))) {
		const message = `${plural(found.total, "secret", "secrets")}, sealed, and open to the daemon`;
		return [{ check, status: "ok", message }, ...modesOf(found)];
	}
	return [stateOf(found), ...modesOf(found), ...proofsOf(found), ...(await missingOf(vault, wanted))];
}

/** Whether somebody said the passphrase to the daemon. */
async function isOpenToDaemon(options: CommonOptions): Promise<boolean> {
	try {
		return statusAnswer.parse(await connect(options).get("/api/status")).secrets?.state === "open";
	} catch (error) {
		if (error instanceof CommandError) return false;
		throw error;
	}
}

function stateOf(found: VaultCheck): Finding {
	const { state, problem = "", total, unopened } = found;
	const count = plural(total, "secret", "secrets");
	switch (state) {
		case "unreadable":
			return { check, status: "fail", message: problem };
		case "locked":
			return { check, status: "ok", message: `${count}, sealed: ${problem}` };
		case "absent":
			return { check, status: "ok", message: "there are none" };
		case "open": {
			if (unopened.length === 0) return { check, status: "ok", message: `${count}, all of them can be opened` };
			const names = unopened.map(({ name }) => name).join(", ");
			const advice = `\`${typed("secret check")}\` says why; \`${typed("secret put NAME")}\` stores one anew.`;
			return { check, status: "fail", message: `${countOf(found)}: ${names}`, advice };
		}
	}
}

function modesOf({ openToOthers }: VaultCheck): Finding[] {
	return openToOthers.map((path) => ({
		check,
		status: "warn",
		message: `other users of this machine may look into ${path}`,
		advice: `chmod go= ${path}`,
	}));
}

/** What the earlier daemon stored could have been exchanged by anybody who writes the file. */
function proofsOf({ unbound, otherKey, total }: VaultCheck): Finding[] {
	const advice = `\`${typed("secret rekey")}\` seals them anew.`;
	const told: Finding[] = [];
	if (unbound.length > 0) {
		const message = `${unbound.length} of ${total} are not proved to belong to their names`;
		told.push({ check, status: "warn", message, advice });
	}
	if (otherKey.length > 0) {
		const message = `${otherKey.length} of ${total} are sealed under another key of this machine`;
		told.push({ check, status: "warn", message, advice });
	}
	return told;
}

interface Reference {
	readonly setting: string;
	readonly name: string;
}

async function missingOf(vault: SecretStore, wanted: readonly Reference[]): Promise<Finding[]> {
	if (wanted.length === 0) return [];
	const names = await vault.list().catch((error: unknown) => {
		if (error instanceof RequestError) return undefined;
		throw error;
	});
	return wanted
		.filter(({ name }) => names?.includes(name) === false)
		.map(({ setting, name }) => ({
			check,
			status: "warn",
			message: `${setting} is $secret:${name}, and there is no such secret`,
			advice: `Store it: ${typed(`secret put ${name}`)}`,
		}));
}

/** The secrets that settings in force refer to. */
function referencesIn({ configFiles }: WorkspacePaths): Reference[] {
	const { embedding } = parseSettings(configText(configFiles), process.env);
	const settings = [
		["embedding.api_key", embedding.apiKey],
		["embedding.base_url", embedding.baseUrl],
	] as const;
	return settings.flatMap(([setting, text]) => {
		const name = referredSecret(text ?? "");
		return name === undefined ? [] : [{ setting, name }];
	});
}

/** That it cannot be read is said elsewhere. */
function configText(configFiles: readonly string[]): string {
	try {
		const found = findConfigFile(configFiles);
		return found ? readFileSync(found.path, "utf8") : "";
	} catch {
		return "";
	}
}
