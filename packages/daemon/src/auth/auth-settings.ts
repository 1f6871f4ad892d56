import { readFileSync } from "node:fs";
import { type AuthSettings, concernsAuth, messageOf, type Settings, StartupError } from "@signet/core";
import type { ConfigFile } from "../config/config-file.ts";
import { isLoopbackHost } from "../http/gate.ts";
import { TrustedProxies } from "./sender.ts";

export type AuthMode = "local" | "team" | "hybrid";

/** What was configured, as far as it holds from the start to the end of the process. */
export interface FixedAuthSettings extends Omit<AuthSettings, "mode" | "trustedProxies"> {
	readonly mode: AuthMode;
	readonly proxies: TrustedProxies;
}

const ADVICE = "Mend the file and start again; until then nothing is served. Nothing was changed.";

/**
 * The settings of `auth`, for a daemon that is to listen at `host`. Throws a `StartupError` that names the file and the
 * line when they are not what they should be: whatever this program does not understand might have been meant to keep
 * somebody out.
 */
export function authSettingsOf(config: Pick<ConfigFile, "settings" | "source">, host: string): FixedAuthSettings {
	const { settings, source } = config;
	const { auth } = settings;
	if (source.file !== undefined) refuseDoubtful(source.file, source.isInForce, settings);
	const { mode } = auth;
	if (mode !== "local" && mode !== "team" && mode !== "hybrid") {
		throw new StartupError(`auth.mode is ${JSON.stringify(mode)}, which is none of local, team, hybrid`, ADVICE);
	}
	if (mode === "local" && !isLoopbackHost(host) && !auth.allowInsecureRemote) {
		throw new StartupError(
			`SIGNET_HOST is ${host}: everybody who reaches that address could read and write your memory without a token`,
			"Unset SIGNET_HOST to serve this machine alone, set auth.mode: team in agent.yaml to ask for tokens, or set auth.allowInsecureRemote: true if the network is trusted.",
		);
	}
	return { ...auth, mode, proxies: proxiesOf(auth, source.file) };
}

function proxiesOf({ trustedProxies }: AuthSettings, file = "agent.yaml"): TrustedProxies {
	try {
		return new TrustedProxies(trustedProxies);
	} catch (error) {
		throw refusal(file, ["auth", "trustedProxies"], messageOf(error));
	}
}

function refuseDoubtful(file: string, isInForce: boolean, { problems, notYaml, auth }: Settings): void {
	if (!isInForce) {
		throw new StartupError(`${file} cannot be read, and might say who is to be let in`, ADVICE);
	}
	const wrong = problems.find(({ kind, path }) => concernsAuth(path) && !isIgnored(kind, path));
	if (wrong) throw refusal(file, wrong.path, wrong.text.replace(/(; |, and )the daemon does not start with it/, ""));
	const text = readFileSync(file, "utf8");
	if (!/^\s*["']?auth\b/im.test(text)) return;
	if (notYaml) {
		const place = notYaml.place ? `:${notYaml.place.line}` : "";
		throw new StartupError(`${file}${place}: ${notYaml.text}, and it says something of auth`, ADVICE);
	}
	// What stands twice holds as it stands last; that it asks for nothing may not be what was meant.
	if (auth.mode === "local" && /\b(?:team|hybrid)\b/.test(text)) refuseRepeated(file, text);
}

/** Limits of operations that nobody knows are kept for other programs. */
function isIgnored(kind: string, path: readonly string[]): boolean {
	return kind === "unused" || (kind === "unknown" && path[1] === "rateLimits");
}

/** At once, but only where it is needed: the daemon is to be small. */
function configLibrary(): typeof import("@signet/core/config") {
	return require("@signet/core/config");
}

function refuseRepeated(file: string, text: string): void {
	const repeated = configLibrary()
		.yamlTextOf(text)
		?.repeated.find(({ text: said }) => /^(?:auth|mode)\b/.test(said));
	if (repeated) throw new StartupError(`${file}:${repeated.line}: ${repeated.text}`, ADVICE);
}

function refusal(file: string, path: readonly string[], text: string): StartupError {
	const place = configLibrary().yamlTextOf(readFileSync(file, "utf8"))?.placeOf(path);
	return new StartupError(`${file}${place ? `:${place.line}` : ""}: ${path.join(".")}: ${text}`, ADVICE);
}
