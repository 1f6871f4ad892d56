import { realpathSync } from "node:fs";
import { ExitCode, messageOf, type World } from "@signet/core";
import { realWorld } from "@signet/core/world";
import { readClientToken, readDaemonRecord } from "@signet/daemon/runtime";
import { healthAnswer, reducedHealth } from "./answers.ts";
import { type CommonOptions, DEFAULT_PORT, givenHost, typed, workspaceOf } from "./environment.ts";
import { CommandError } from "./failure.ts";

/** How long a command waits for an answer; storing waits for the disk, not for models. */
const REQUEST_TIMEOUT_MS = 60_000;
/** A daemon that lives says so long before that; somebody may be waiting to hear that it does not. */
const HEALTH_TIMEOUT_MS = 5_000;

/** An answer other than success. */
export class RefusedError extends CommandError {
	constructor(
		readonly status: number,
		message: string,
		/** The whole answer. */
		readonly answer?: unknown,
	) {
		super(message, exitCodeFor(status), adviceFor(status));
	}
}

/** Nothing answers where the daemon should be. */
export class NotRunningError extends CommandError {
	constructor(url: string) {
		super(
			`The daemon is not running (nothing answers at ${url})`,
			ExitCode.daemonUnreachable,
			`Start it with \`${typed("start")}\`.`,
		);
	}
}

/** The daemon as commands see it. */
export class DaemonClient {
	#isRootKnown = false;

	constructor(
		readonly url: string,
		private readonly network: World["network"],
		/** The workspace that the daemon has to serve; any, when it is left out. */
		private readonly root?: string,
		/** Says who asks, where the daemon wants to know. */
		private readonly token?: string,
	) {}

	async get(path: string, timeoutMs?: number): Promise<unknown> {
		await this.#demandRoot();
		return this.#send("GET", path, undefined, timeoutMs);
	}

	async post(path: string, body: unknown, timeoutMs?: number): Promise<unknown> {
		await this.#demandRoot();
		return this.#send("POST", path, body, timeoutMs);
	}

	async patch(path: string, body: unknown): Promise<unknown> {
		await this.#demandRoot();
		return this.#send("PATCH", path, body);
	}

	async delete(path: string, body: unknown): Promise<unknown> {
		await this.#demandRoot();
		return this.#send("DELETE", path, body);
	}

	/** Nothing may be told to, or asked of, the daemon of another workspace that happens to be at the same address. */
	async #demandRoot(): Promise<void> {
		if (this.root === undefined || this.#isRootKnown) return;
		const answer = await this.#send("GET", "/health", undefined, HEALTH_TIMEOUT_MS).catch(nothingWhenRefused);
		const health = healthAnswer.safeParse(answer);
		this.#isRootKnown = health.success && isSameFolder(health.data.agentsDir, this.root);
		if (this.#isRootKnown) return;
		if (!health.success && reducedHealth.safeParse(answer).success)
			throw new RefusedError(401, `The daemon at ${this.url} asks for a token`);
		const who = health.success ? `the Signet daemon of ${health.data.agentsDir}` : "another program";
		throw new CommandError(
			`The daemon of ${this.root} is not running; at ${this.url} is ${who}`,
			ExitCode.daemonUnreachable,
			`Start yours with \`${typed("start")}\` (SIGNET_PORT chooses another port), or name that one: --url ${this.url}`,
		);
	}

	async #send(
		method: "GET" | "POST" | "PATCH" | "DELETE",
		path: string,
		body?: unknown,
		timeoutMs = REQUEST_TIMEOUT_MS,
	): Promise<unknown> {
		const answer = await this.network
			.fetch(this.url + path, {
				method,
				timeoutMs,
				headers: {
					"x-signet-actor": "cli",
					"x-signet-actor-type": "operator",
					"content-type": "application/json",
					...(this.token !== undefined && { authorization: `Bearer ${this.token}` }),
				},
				...(body !== undefined && { body: JSON.stringify(body) }),
			})
			.catch((error: unknown) => {
				throw unreachable(this.url, error);
			});
		const parsed = parse(answer.text);
		if (answer.status >= 200 && answer.status <= 299) return parsed;
		throw new RefusedError(answer.status, errorIn(parsed) ?? `${this.url}${path} answered ${answer.status}`, parsed);
	}
}

/**
 * The daemon that the options or the environment mean: by its address, else the one that said so in the workspace, else
 * the one at the usual port.
 */
export function connect(
	options: CommonOptions,
	env: Readonly<Record<string, string | undefined>> = process.env,
): DaemonClient {
	const given = (options.url ?? (options.path === undefined ? env.SIGNET_DAEMON_URL : undefined))?.replace(/\/$/, "");
	const paths = workspaceOf(options, env);
	const record = readDaemonRecord(paths);
	// What lets in here is nobody else's business: another daemon hears only what it was meant to hear.
	const isOurs = record !== undefined && (!given || given === record.url);
	const token = env.SIGNET_TOKEN || (isOurs ? readClientToken(paths) : undefined);
	if (given) {
		if (!/^https?:\/\//.test(given) || !URL.canParse(given))
			throw new CommandError(
				`${given} is no address`,
				ExitCode.usage,
				`It is written like http://localhost:${DEFAULT_PORT}`,
			);
		return new DaemonClient(given, realWorld.network, undefined, token);
	}
	return new DaemonClient(record?.url ?? usualUrl(env), realWorld.network, paths.root, token);
}

function usualUrl(env: Readonly<Record<string, string | undefined>>): string {
	const host = givenHost(env) ?? "127.0.0.1";
	return `http://${host.includes(":") ? `[${host}]` : host}:${env.SIGNET_PORT || DEFAULT_PORT}`;
}

function nothingWhenRefused(error: unknown): undefined {
	if (!(error instanceof RefusedError) || error.status === 401) throw error;
	return undefined;
}

function isSameFolder(one: string, other: string): boolean {
	return one === other || realPathOf(one) === realPathOf(other);
}

function realPathOf(folder: string): string {
	try {
		return realpathSync(folder);
	} catch {
		return folder;
	}
}

function unreachable(url: string, error: unknown): CommandError {
	return /timed? ?out|abort/i.test(messageOf(error))
		? new CommandError(
				`The daemon at ${url} did not answer in time`,
				ExitCode.daemonUnreachable,
				`See \`${typed("logs")}\`; \`${typed("restart --force")}\` ends it and starts another.`,
			)
		: new NotRunningError(url);
}

function adviceFor(status: number): string | undefined {
	switch (status) {
		case 401:
			return `Name a token in SIGNET_TOKEN; one is made by \`${typed("auth token create")}\` where that daemon runs.`;
		case 429:
			return "Try again in a while; auth.rateLimits says how much is allowed.";
		default:
			return undefined;
	}
}

function exitCodeFor(status: number): ExitCode {
	switch (status) {
		case 400:
			return ExitCode.usage;
		case 401:
		case 403:
			return ExitCode.notAuthorised;
		case 404:
			return ExitCode.notFound;
		case 409:
			return ExitCode.conflict;
		default:
			return ExitCode.failure;
	}
}

function parse(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

function errorIn(body: unknown): string | undefined {
	return typeof body === "object" && body !== null && "error" in body && typeof body.error === "string"
		? body.error
		: undefined;
}
