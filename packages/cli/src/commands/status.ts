import { ExitCode } from "@signet/core";
import type * as z from "zod/mini";
import { listAnswer, statusAnswer } from "../answers.ts";
import { connect, NotRunningError } from "../client.ts";
import { type CommonOptions, typed, workspaceOf } from "../environment.ts";
import { duration, facts, plural, style } from "../terminal.ts";

/** `signet status`: exit status 3 when the daemon is not running. */
export async function status(options: CommonOptions): Promise<ExitCode> {
	const client = connect(options);
	const answers = await Promise.all([client.get("/api/status"), client.get("/api/memories?limit=1")]).catch(
		(error: unknown) => {
			if (error instanceof NotRunningError && options.url === undefined) return undefined;
			throw error;
		},
	);
	if (!answers) return notRunning(options);
	const [state, listing] = [statusAnswer.parse(answers[0]), listAnswer.parse(answers[1])];
	if (options.json) {
		console.log(JSON.stringify({ running: true, url: client.url, ...state, memories: listing.stats }, null, 2));
		return ExitCode.ok;
	}
	const { active } = state.embedding;
	const { total, critical, deleted } = listing.stats;
	const secretsProblem = problemOf(state.secrets);
	console.log(`${style.good("●")} ${style.bold("running")} at ${style.accent(client.url)}\n`);
	console.log(
		facts([
			["process", `${state.pid}, for ${duration(state.uptime)}`],
			["version", state.version],
			["workspace", state.agentsDir],
			["memories", `${plural(total, "memory", "memories")}, ${critical} critical, ${deleted} forgotten`],
			["vectors", active.problem ? style.warn(`${active.model}: ${active.problem}`) : (active.model ?? "switched off")],
			...(secretsProblem ? [["secrets", style.warn(secretsProblem)] as const] : []),
			["ranking", `${state.search.profile}${state.index.isBehind ? style.warn(", the index is being made") : ""}`],
		]),
	);
	for (const warning of state.warnings) console.log(`\n${style.warn("!")} ${warning}`);
	return ExitCode.ok;
}

/** Why secrets cannot be had, where that is so. */
function problemOf(secrets: z.infer<typeof statusAnswer>["secrets"]): string | undefined {
	if (!secrets) return undefined;
	const { state, total, unopened, problem } = secrets;
	const count = plural(total, "secret", "secrets");
	if (state === "unreadable") return problem ?? "they cannot be read";
	if (state === "locked") return `${count}, locked: ${problem}`;
	return unopened > 0 ? `${unopened} of ${count} cannot be opened; \`${typed("secret check")}\` says why` : undefined;
}

function notRunning(options: CommonOptions): ExitCode {
	const { root } = workspaceOf(options);
	if (options.json) console.log(JSON.stringify({ running: false, agentsDir: root }, null, 2));
	else
		console.log(
			`${style.dim("○")} ${style.bold("not running")}\n\n${facts([["workspace", root]])}\n\nStart it with ${style.accent(typed("start"))}`,
		);
	return ExitCode.daemonUnreachable;
}
