import { existsSync } from "node:fs";
import { ExitCode, parseSettings } from "@signet/core";
import { statusAnswer, whoamiAnswer } from "../answers.ts";
import { connect, NotRunningError, RefusedError } from "../client.ts";
import { readConfigText } from "../config-text.ts";
import { type CommonOptions, typed, workspaceOf } from "../environment.ts";
import { startRefusal } from "../start-refusal.ts";
import { facts, printable, style } from "../terminal.ts";

const WHOM = {
	local: "nobody: whoever reaches the daemon may do everything",
	team: "everybody",
	hybrid: "everybody but who sits at this machine",
} as const;

/** `signet auth status`: exit status 3 when the daemon is not running. */
export async function authStatus(options: CommonOptions): Promise<ExitCode> {
	const client = connect(options);
	try {
		const { mode, claims } = whoamiAnswer.parse(await client.get("/api/auth/whoami"));
		const { security } = statusAnswer.parse(await client.get("/api/status"));
		// For those who may see it.
		const refused = security?.refused;
		if (options.json) {
			console.log(JSON.stringify({ running: true, url: client.url, mode, claims, refused }, null, 2));
			return ExitCode.ok;
		}
		console.log(
			facts([
				["daemon", style.accent(client.url)],
				["mode", mode],
				["tokens", `asked of ${whom(mode)}`],
				["you are", claims ? `${printable(claims.sub)} (${claims.role})` : "the owner, without a token"],
				["scope", claims && claims.role !== "admin" ? scopeInWords(claims.scope) : "everything"],
				...(refused ? [["refused", countsInWords(refused)] as const] : []),
			]),
		);
		return ExitCode.ok;
	} catch (error) {
		if (error instanceof RefusedError || !(error instanceof NotRunningError) || options.url !== undefined) throw error;
		return notRunning(options);
	}
}

/** What stands in the configuration, for a daemon that is yet to start. */
function notRunning(options: CommonOptions): ExitCode {
	const paths = workspaceOf(options);
	const { file, text } = readConfigText(paths);
	const settings = parseSettings(text, process.env);
	const mode = String(settings.auth.mode);
	const refusal = file === undefined ? undefined : startRefusal(settings, file);
	const hasKey = existsSync(paths.authSecretFile);
	if (options.json)
		console.log(JSON.stringify({ running: false, mode, hasKey, ...(refusal && { problem: refusal }) }, null, 2));
	else if (refusal) {
		console.log(facts([["daemon", "not running, and does not start with this configuration"]]));
		console.log(`\n${style.error("✗")} ${refusal}`);
	} else {
		console.log(
			facts([
				["daemon", `not running; start it with ${style.accent(typed("start"))}`],
				["mode", mode],
				["tokens", `will be asked of ${whom(mode)}`],
				["key", hasKey ? paths.authSecretFile : "none yet; it is made when it is needed"],
			]),
		);
	}
	return ExitCode.daemonUnreachable;
}

function whom(mode: string): string {
	return mode === "local" || mode === "team" || mode === "hybrid" ? WHOM[mode] : mode;
}

/** `project /srv/shop, agent codex`. */
export function scopeInWords(scope: Readonly<Record<string, string>>): string {
	const parts = Object.entries(scope).map(([part, name]) => `${part} ${printable(name)}`);
	return parts.length === 0 ? "everything" : parts.join(", ");
}

function countsInWords(counts: Readonly<Record<string, number>>): string {
	const parts = Object.entries(counts).map(([code, count]) => `${count} ${code.replaceAll("_", " ")}`);
	return parts.length === 0 ? "no request since the start" : `${parts.join(", ")} since the start`;
}
