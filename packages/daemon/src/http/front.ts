import type { Timer, World } from "@signet/core";
import type { Connection, Handle } from "./server.ts";

/** What the daemon is about. */
type DaemonState = "starting" | "running" | "shutting_down";

/** How often it is looked for requests that take long. */
const LOOK_MS = 10_000;
/** Longer than until the next look. */
const EXTENSION_S = 60;
/** What has not been answered by then never will be: its connection is left to the server, which closes it. */
const LONGEST_MS = 15 * 60_000;

const MESSAGES: Readonly<Record<Exclude<DaemonState, "running">, string>> = {
	starting: "The daemon is starting; try again in a moment",
	shutting_down: "The daemon is shutting down",
};

type Application = (request: Request, connection: Connection) => Response | Promise<Response>;

interface UnderWay {
	readonly request: Request;
	readonly connection: Connection;
	readonly begunAtMs: number;
}

/**
 * What stands before the application: it answers before there is one and when it is to be no more, knows what is under
 * way, and keeps the connection open of whoever waits for something that takes long.
 */
export class Front {
	#state: DaemonState = "starting";
	#application: Application | undefined;
	readonly #underWay = new Set<UnderWay>();
	#timer: Timer | undefined;
	#onDrained: (() => void) | undefined;

	constructor(private readonly world: Pick<World, "clock" | "timers">) {}

	/** Requests that are not answered yet. */
	get underWayCount(): number {
		return this.#underWay.size;
	}

	readonly handle: Handle = (request, connection) => {
		if (this.#state !== "running" || !this.#application) return answerNotNow(this.#state);
		return this.#letThrough({ request, connection, begunAtMs: this.world.clock.monotonicMs() }, this.#application);
	};

	/** Let requests through to the application. */
	open(application: Application): void {
		this.#application = application;
		if (this.#state === "starting") this.#state = "running";
	}

	/** Turn new requests away. */
	close(): void {
		this.#state = "shutting_down";
	}

	/** Resolves when all that was let through is answered. */
	drained(): Promise<void> {
		return new Promise((resolve) => {
			this.#onDrained = resolve;
			if (this.#underWay.size === 0) resolve();
		});
	}

	async #letThrough(entry: UnderWay, application: Application): Promise<Response> {
		this.#underWay.add(entry);
		this.#timer ??= this.world.timers.after(LOOK_MS, () => this.#look());
		try {
			return await application(entry.request, entry.connection);
		} finally {
			this.#underWay.delete(entry);
			if (this.#underWay.size === 0) this.#onDrained?.();
		}
	}

	/** The server closes connections on which nothing moves. On these something will. */
	#look(): void {
		this.#timer = undefined;
		const now = this.world.clock.monotonicMs();
		for (const { request, connection, begunAtMs } of this.#underWay) {
			const ageMs = now - begunAtMs;
			if (ageMs >= LOOK_MS && ageMs < LONGEST_MS) connection.timeout(request, EXTENSION_S);
		}
		if (this.#underWay.size > 0) this.#timer = this.world.timers.after(LOOK_MS, () => this.#look());
	}
}

/** Says nothing that a page of another site may not know: nobody has looked at who asks. */
function answerNotNow(state: DaemonState): Response {
	const isStarting = state === "starting";
	const status = isStarting ? "starting" : "shutting_down";
	return Response.json(
		{ status, error: MESSAGES[status], code: status },
		{
			status: 503,
			headers: {
				"retry-after": "1",
				"cache-control": "no-store",
				"x-content-type-options": "nosniff",
				// Whoever asks again should meet the next daemon, not this one.
				...(!isStarting && { connection: "close" }),
			},
		},
	);
}
