import { ExitCode, type MemoryScope, parseSettings, RequestError, StartupError } from "@signet/core";
import { realWorld } from "@signet/core/world";
import { lockWorkspace, type Role } from "@signet/daemon/runtime";
import { Tokens } from "@signet/daemon/tokens";
import type * as z from "zod/mini";
import { issuedToken, rotatedAnswer, tokensAnswer, whoamiAnswer } from "../answers.ts";
import { connect, type DaemonClient, NotRunningError, RefusedError } from "../client.ts";
import { readConfigText } from "../config-text.ts";
import { type ConfirmOptions, confirm } from "../confirm.ts";
import { type CommonOptions, typed, workspaceOf } from "../environment.ts";
import { CommandError } from "../failure.ts";
import { facts, printable, style, table } from "../terminal.ts";
import { scopeInWords } from "./auth-status.ts";

export interface TokenCreateOptions extends CommonOptions, MemoryScope {
	readonly role: Role;
	readonly sub?: string;
	/** Seconds. */
	readonly ttl?: number;
}

export interface TokenRotateOptions extends ConfirmOptions {
	/** Seconds. */
	readonly grace: number;
}

const ISSUER = "command line";

/** `signet auth token create`: with or without a daemon. */
export async function create(options: TokenCreateOptions): Promise<ExitCode> {
	const { role, sub, ttl, project, agent, user } = options;
	const scope = {
		...(project !== undefined && { project }),
		...(agent !== undefined && { agent }),
		...(user !== undefined && { user }),
	};
	const request = { role, scope, sub, ttlSeconds: ttl };
	const raw = await withDaemon(
		options,
		(client) => client.post("/api/auth/token", request),
		(tokens) => tokens.issue(request, ISSUER),
	);
	const issued = issuedToken.parse(raw);
	if (options.json) {
		console.log(JSON.stringify(issued));
		return ExitCode.ok;
	}
	console.log(
		facts([
			["id", issued.jti],
			["role", role],
			["scope", role === "admin" ? "everything" : scopeInWords(scope)],
			["until", issued.expiresAt],
		]),
	);
	console.log(`\n${issued.token}\n`);
	console.log(style.dim("It is shown this once. Send it as Authorization: Bearer …, or name it in SIGNET_TOKEN."));
	return ExitCode.ok;
}

/** `signet auth token list`. */
export async function list(options: CommonOptions): Promise<ExitCode> {
	const tokens = await listed(options);
	if (options.json) {
		console.log(JSON.stringify({ tokens }, null, 2));
		return ExitCode.ok;
	}
	if (tokens.length === 0) {
		console.log(style.dim("No tokens were made"));
		return ExitCode.ok;
	}
	const columns = [
		{ title: "id" },
		{ title: "whose" },
		{ title: "role" },
		{ title: "state" },
		{ title: "until" },
		{ title: "scope", isFlexible: true },
	];
	const rows = tokens.map(({ jti, sub, role, state, expiresAt, scope }) => [
		jti,
		printable(sub),
		role,
		state,
		expiresAt.slice(0, "YYYY-MM-DD".length),
		scopeInWords(scope),
	]);
	console.log(table(columns, rows));
	return ExitCode.ok;
}

async function listed(options: CommonOptions): Promise<z.infer<typeof tokensAnswer>["tokens"]> {
	const raw = await withDaemon(
		options,
		(client) => client.get("/api/auth/tokens"),
		(tokens) => ({ tokens: tokens.list() }),
	);
	return tokensAnswer.parse(raw).tokens;
}

/** The id that begins like this. Throws when several do; what is none is left to whoever knows the tokens. */
function wholeId(id: string, known: readonly string[]): string {
	const [only, another] = known.filter((each) => each.startsWith(id));
	if (another) throw new CommandError(`More than one token begins with ${id}`, ExitCode.usage, "Give more of its id.");
	return only ?? id;
}

/** `signet auth token revoke ID…`. */
export async function revoke(given: readonly string[], options: CommonOptions): Promise<ExitCode> {
	const known = (await listed(options)).map(({ jti }) => jti);
	const ids = given.map((id) => wholeId(id, known));
	for (const id of ids) {
		await withDaemon(
			options,
			(client) => client.delete(`/api/auth/tokens/${encodeURIComponent(id)}`, {}),
			(tokens) => {
				if (!tokens.revoke(id)) throw new CommandError(`There is no token ${id} that holds`, ExitCode.notFound);
				return {};
			},
		);
		if (!options.json) console.log(`${style.good("✓")} ${printable(id)} does not hold any more`);
	}
	if (options.json) console.log(JSON.stringify({ revoked: ids }));
	return ExitCode.ok;
}

/** `signet auth token rotate`. */
export async function rotate(options: TokenRotateOptions): Promise<ExitCode> {
	const { grace } = options;
	if (grace === 0) await confirm("End all tokens at once?", options);
	const raw = await withDaemon(
		options,
		(client) => client.post("/api/auth/rotate", { graceSeconds: grace }),
		(tokens) => ({ rotated: true, previousUntil: tokens.rotate(grace) }),
	);
	const { previousUntil } = rotatedAnswer.parse(raw);
	if (options.json) console.log(JSON.stringify({ rotated: true, previousUntil }));
	else {
		const ends = grace === 0 ? "have ended" : `end at ${previousUntil}`;
		console.log(`${style.good("✓")} There is a new key; tokens from before ${ends}`);
	}
	return ExitCode.ok;
}

/** Throws when a daemon has no use for tokens, with what to do so that it has. */
async function demandTokens(client: DaemonClient): Promise<void> {
	const { mode } = whoamiAnswer.parse(await client.get("/api/auth/whoami"));
	if (mode !== "local") return;
	throw new CommandError(
		"The daemon asks nobody for a token (auth.mode is local), and makes none",
		ExitCode.conflict,
		`First \`${typed("config set auth.mode team")}\` (or hybrid) and \`${typed("restart")}\`.`,
	);
}

/**
 * Ask the daemon, or do it on the files while none runs: whoever can read the key of the workspace needs nobody's leave,
 * and the first token has to come from somewhere.
 */
async function withDaemon(
	options: CommonOptions,
	ask: (client: DaemonClient) => Promise<unknown>,
	onFiles: (tokens: Tokens) => unknown,
): Promise<unknown> {
	const client = connect(options);
	try {
		return await ask(client);
	} catch (error) {
		if (error instanceof RefusedError && error.status === 400) await demandTokens(client);
		const isElsewhere = options.url !== undefined || Boolean(process.env.SIGNET_DAEMON_URL);
		if (!(error instanceof NotRunningError) || isElsewhere) throw error;
	}
	const paths = workspaceOf(options);
	const lock = lockWorkspace(paths);
	if (!lock) {
		throw new CommandError("The daemon is just starting or stopping", ExitCode.conflict, "Try again in a moment.");
	}
	try {
		const { auth } = parseSettings(readConfigText(paths).text, process.env);
		return onFiles(new Tokens({ paths, world: realWorld, settings: auth }));
	} catch (error) {
		if (error instanceof RequestError) throw new CommandError(error.message, ExitCode.usage);
		if (error instanceof StartupError) throw new CommandError(error.message, error.exitCode, error.advice);
		throw error;
	} finally {
		lock.release();
	}
}
