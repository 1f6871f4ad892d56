import { ExitCode, messageOf, type Network, StartupError } from "@signet/core";
import * as z from "zod/mini";
import { MAX_BODY_BYTES } from "./body.ts";

const IDLE_TIMEOUT_S = 60;
const PROBE_TIMEOUT_MS = 1_000;

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
	/** `peer` is asked for the address at the other end of the connection; undefined when that is gone. */
	readonly handle: (request: Request, peer: () => string | undefined) => Response | Promise<Response>;
	readonly network: Network;
}

/** Listen. Throws a `StartupError` that says who has the port, when it is taken. */
export async function listen({ host, port, handle, network }: ListenOptions): Promise<ListeningServer> {
	const [first = host, ...others] = host === "localhost" ? ["127.0.0.1", "::1"] : [host];
	const servers: Bun.Server<undefined>[] = [];
	try {
		servers.push(serve(first, port, handle));
	} catch (error) {
		throw await listenFailure(error, { host: first, port, network });
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
			throw await listenFailure(error, { host: other, port: bound, network });
		}
	}
	return {
		port: bound,
		stop: async () => void (await Promise.all(servers.map((server) => server.stop(false)))),
		abort: async () => void (await Promise.all(servers.map((server) => server.stop(true)))),
	};
}

function serve(hostname: string, port: number, handle: ListenOptions["handle"]): Bun.Server<undefined> {
	return Bun.serve({
		hostname,
		port,
		idleTimeout: IDLE_TIMEOUT_S,
		// Above our own limit, which answers in words.
		maxRequestBodySize: 2 * MAX_BODY_BYTES,
		fetch: (request, server) => handle(request, () => server.requestIP(request)?.address),
	});
}

function isInUse(error: unknown): boolean {
	return /EADDRINUSE|in use/i.test(
		`${messageOf(error)} ${error instanceof Error && "code" in error ? error.code : ""}`,
	);
}

const signetHealth = () => z.object({ agentsDir: z.string(), pid: z.number() });

async function listenFailure(
	error: unknown,
	{ host, port, network }: { host: string; port: number; network: Network },
): Promise<StartupError> {
	if (!isInUse(error)) {
		return new StartupError(
			`${host}:${port} cannot be listened at: ${messageOf(error)}`,
			"Set SIGNET_HOST to an address of this machine and SIGNET_PORT to a free port of 1024 or more.",
		);
	}
	const other = await probe(network, host, port);
	return new StartupError(
		other
			? `Port ${port} is used by the Signet daemon of another workspace, ${other.agentsDir} (process ${other.pid})`
			: `Port ${port} of ${host} is used by another program`,
		"Stop that one, or set SIGNET_PORT to another port.",
		ExitCode.conflict,
	);
}

async function probe(
	network: Network,
	host: string,
	port: number,
): Promise<z.infer<ReturnType<typeof signetHealth>> | undefined> {
	try {
		const name = host.includes(":") ? `[${host}]` : host;
		const { text } = await network.fetch(`http://${name}:${port}/health`, { timeoutMs: PROBE_TIMEOUT_MS });
		return signetHealth().parse(JSON.parse(text));
	} catch {
		return undefined;
	}
}
