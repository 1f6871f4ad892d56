import type { Settings } from "@signet/core";
import { isLoopbackHost } from "@signet/daemon/runtime";
import type { Finding } from "./finding.ts";

/** Keys in `agent.yaml` whose values open something. */
const CREDENTIAL =
	/^\s*(?:- )?["']?((?:\w*_)?(?:api[_-]?key|apiKey|token|secret|password|passphrase))["']?\s*:\s*(?!\s*(?:#|$))["']?(?!\$secret:)[^\s"'#]/im;

/** Who can reach the daemon, and what the configuration gives away. */
export function checkExposure(
	{ auth }: Pick<Settings, "auth">,
	{ host, text }: { host: string; text: string },
): Finding[] {
	const findings: Finding[] = [];
	if (!isLoopbackHost(host) && auth.mode === "local") {
		findings.push({
			check: "exposure",
			status: "fail",
			message: `SIGNET_HOST is ${host} and auth.mode is local: everybody who reaches that address reads and writes your memory`,
			advice: "Unset SIGNET_HOST, or set auth.mode to team.",
		});
	} else if (auth.allowInsecureRemote) {
		findings.push({
			check: "exposure",
			status: "warn",
			message: "auth.allowInsecureRemote lets the daemon be reached from elsewhere without a token",
			advice: "Remove it unless the network is yours alone.",
		});
	} else
		findings.push({
			check: "exposure",
			status: "ok",
			message: isLoopbackHost(host) ? "this machine alone" : `${host}, with tokens`,
		});
	const credential = CREDENTIAL.exec(text);
	if (credential) {
		findings.push({
			check: "configuration",
			status: "warn",
			message: `${credential[1]} stands in the configuration in plain text, line ${lineOf(text, credential.index)}`,
			advice: `\`signet secret put <NAME>\`, then write ${credential[1]}: "$secret:<NAME>" there.`,
		});
	}
	return findings;
}

/** Who can reach a daemon that was started with another `SIGNET_HOST` than holds here. */
export function checkListening(host: string, mode: string): Finding[] {
	if (isLoopbackHost(host)) return [];
	if (mode !== "local")
		return [{ check: "exposure", status: "ok", message: `the daemon listens at ${host}, with tokens` }];
	return [
		{
			check: "exposure",
			status: "fail",
			message: `the daemon listens at ${host}, and asks nobody for a token: everybody who reaches that address reads and writes your memory`,
			advice: "Start it again without SIGNET_HOST, or with auth.mode: team.",
		},
	];
}

function lineOf(text: string, index: number): number {
	// The match begins with the blanks before the key, which may begin on the line before.
	const start = index + (/^\s*/.exec(text.slice(index))?.[0].length ?? 0);
	return text.slice(0, start).split("\n").length;
}
