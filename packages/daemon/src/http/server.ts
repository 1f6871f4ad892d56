import { ExitCode, messageOf, type Network, StartupError } from "@signet/core";
import { askHealth } from "../process/ask-health.ts";
import { isSameFolder, servedAlready } from "../process/served-already.ts";

/** Who sends more than this is cut off without a word. */
const MAX_DISCARDED_BYTES = 1024 * 1024 * 1024;
/** A connection on which nothing moves for so long is closed: headers that do not come, answers that nobody reads. */
const IDLE_TIMEOUT_S = 30;

/** What a request came in by. */
export type Connection = Pick<Bun.Server<undefined>, "timeout" | "requestIP">;
export type Handle = (request: Request, connection: Connection) => Response | Promise<Response>;

/** A server that listens. */
export interface ListeningServer {
	readonly port: number;
	/** Take no more connections; resolves when the requests under way are answered. */
	stop(): Promise<void>;
	/** Break off what is under way. */
	abort(): Promise<void>;
}

export interface ListenOptions {
	/** `localhost` means both of its addresses, as far as the machine has them. */
	readonly host: string;
	/** 0 for any that is free. */
	readonly port: number;
	readonly handle: Handle;
	readonly network: Network;
	/** The workspace that is to be served, to know a daemon that serves it already. */
	readonly root: string;
}

/** Listen. Throws a `StartupError` that says who has the port, when it is taken. */
export async function listen({ host, port, handle, network, root }: ListenOptions): Promise<ListeningServer> {
	const [first = host, ...others] = host === "localhost" ? ["127.0.0.1", "::1"] : [host];
	const servers: Bun.Server<undefined>[] = [];
	try {
		servers.push(serve(first, port, handle));
	} catch (error) {
		throw await listenFailure(error, { host: first, port, network, root });
	}
	const bound = servers[0]?.port ?? port;
	for (const other of others) {
		try {
			servers.push(serve(other, bound, handle));
		} catch (error) {
			// A machine without that address does not need it. But if another program has the port there, some clients
			// would tell it what is meant for us.
			if (!isInUse(error)) continue;
			await Promise.all(servers.map((server) => server.stop(true)));
			throw await listenFailure(error, { host: other, port: bound, network, root });
		}
	}
	return {
		port: bound,
		stop: async () => void (await Promise.all(servers.map((server) => server.stop(false)))),
		abort: async () => void (await Promise.all(servers.map((server) => server.stop(true)))),
	};
}

function serve(hostname: string, port: number, handle: Handle): Bun.Server<undefined> {
	return Bun.serve({
		hostname,
		port,
		idleTimeout: IDLE_TIMEOUT_S,
		// Far above the limit of what is taken, which answers in words.
		maxRequestBodySize: MAX_DISCARDED_BYTES,
		fetch: handle,
	});
}

const REASONS: Readonly<Record<string, string>> = {
	EACCES: "ports below 1024 are for root",
	EADDRNOTAVAIL: "that is no address of this machine",
};

function reasonOf(error: unknown): string {
	return REASONS[codeOf(error)] ?? messageOf(error);
}

function isInUse(error: unknown): boolean {
	return /EADDRINUSE|in use/i.test(`${messageOf(error)} ${codeOf(error)}`);
}

function codeOf(error: unknown): string {
	return error instanceof Error && "code" in error ? String(error.code) : "";
}

async function listenFailure(
	error: unknown,
	{ host, port, network, root }: Omit<ListenOptions, "handle">,
): Promise<StartupError> {
	// The code of a failure for want of an address is whatever failed last before it.
	const isKnown = await network.resolve(host).then(
		() => true,
		() => false,
	);
	if (!isKnown || !isInUse(error)) {
		return new StartupError(
			`${host}:${port} cannot be listened at: ${isKnown ? reasonOf(error) : "nothing is known by that name"}`,
			"Set SIGNET_HOST to an address of this machine and SIGNET_PORT to a free port of 1024 or more.",
		);
	}
	const other = await askHealth(network, urlOf(host, port));
	if (other && isSameFolder(other.agentsDir, root)) return servedAlready(root, { ...other, url: urlOf(host, port) });
	return new StartupError(
		other
			? `Port ${port} is used by the Signet daemon of another workspace, ${other.agentsDir} (process ${other.pid})`
			: `Port ${port} of ${host} is used by another program`,
		"Stop that one, or set SIGNET_PORT to another port.",
		ExitCode.conflict,
	);
}

function urlOf(host: string, port: number): string {
	return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
