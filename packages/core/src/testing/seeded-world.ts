import { mulberry32 } from "../seeded-random.ts";
import type {
	DownloadRequest,
	DownloadResponse,
	FinishedProcess,
	GroupOptions,
	NetworkRequest,
	NetworkResponse,
	PipedOptions,
	PipedProcess,
	ProcessGroup,
	StartedProcess,
	Timer,
	World,
} from "../world.ts";

/** Answers every request of a seeded world. Throwing is a network failure. */
export type NetworkScript = (url: string, request: NetworkRequest) => NetworkResponse | Promise<NetworkResponse>;

export interface SeededWorldOptions {
	readonly seed?: number;
	/** Milliseconds since the epoch at the start. */
	readonly startMs?: number;
	readonly network?: NetworkScript;
	/** Answers downloads; the default refuses the connection. */
	readonly download?: (url: string, request: DownloadRequest) => DownloadResponse | Promise<DownloadResponse>;
	/** The addresses of host names; the default knows `localhost`, and has every other name at one place of the internet. */
	readonly resolve?: (host: string) => readonly string[] | Promise<readonly string[]>;
	/** What `startDetached` gives; the default refuses. */
	readonly startDetached?: (command: readonly string[]) => StartedProcess;
	/** What `run` gives; the default refuses. */
	readonly run?: (command: readonly string[]) => FinishedProcess | Promise<FinishedProcess>;
	/** What `startPiped` gives; the default refuses. */
	readonly startPiped?: (command: readonly string[], options: PipedOptions) => PipedProcess;
	/** What `startGroup` gives; the default refuses. */
	readonly startGroup?: (command: readonly string[], options: GroupOptions) => ProcessGroup;
}

/** A world that does nothing until told to, and the same thing each time for the same seed. */
export interface SeededWorld extends World {
	/** Let `ms` pass: every timer due in that time fires in order, and what it set going settles before the next. */
	advance(ms: number): Promise<void>;
	/** Replace what answers requests. */
	setNetwork(script: NetworkScript): void;
	/** Timers that wait. */
	readonly pendingTimers: number;
}

interface PendingTimer {
	readonly at: number;
	readonly order: number;
	readonly callback: () => void;
}

/** Turns of the microtask queue after which whatever a timer set going counts as settled. */
const SETTLING_TURNS = 1_000;

export function seededWorld({
	seed = 1,
	startMs = Date.UTC(2026, 0, 1),
	network: script = refuseNetwork,
	download = refuseNetwork,
	resolve = resolveSomewhere,
	startDetached = refuseProcess,
	startPiped = refuseProcess,
	run = refuseProcess,
	startGroup = refuseProcess,
}: SeededWorldOptions = {}): SeededWorld {
	const nextFloat = mulberry32(seed);
	const bytes = (length: number) => Uint8Array.from({ length }, () => Math.floor(nextFloat() * 256));
	const pending = new Set<PendingTimer>();
	let elapsedMs = 0;
	let order = 0;
	let answer = script;

	const after = (delayMs: number, callback: () => void): Timer => {
		const timer = { at: elapsedMs + Math.max(0, delayMs), order: order++, callback };
		pending.add(timer);
		return { cancel: () => pending.delete(timer) };
	};

	return {
		clock: { now: () => startMs + elapsedMs, monotonicMs: () => elapsedMs },
		timers: {
			after,
			sleep: (delayMs) => new Promise((resolve) => after(delayMs, resolve)),
			yield: () => Promise.resolve(),
		},
		random: { uuid: () => uuidFrom(bytes(16)), bytes },
		network: {
			async fetch(url, request) {
				const { promise: expired, reject } = Promise.withResolvers<never>();
				const timer = after(request.timeoutMs, () => reject(new Error(`no answer within ${request.timeoutMs} ms`)));
				try {
					return await Promise.race([answer(url, request), expired]);
				} finally {
					timer.cancel();
				}
			},
			download: async (url, request) => download(url, request),
			resolve: async (host) => resolve(host),
		},
		processes: {
			startDetached: (command) => startDetached(command),
			startPiped: (command, options) => startPiped(command, options),
			run: async (command) => run(command),
			startGroup: (command, options) => startGroup(command, options),
			killMarked: () => 0,
			runInTerminal: () => Promise.reject(new Error("there is no terminal")),
			isAlive: () => false,
			signal: () => false,
		},
		get pendingTimers() {
			return pending.size;
		},
		setNetwork(next) {
			answer = next;
		},
		async advance(ms) {
			const end = elapsedMs + ms;
			await settle();
			for (let due = firstDue(pending, end); due; due = firstDue(pending, end)) {
				pending.delete(due);
				elapsedMs = due.at;
				due.callback();
				await settle();
			}
			elapsedMs = end;
		},
	};
}

async function settle(): Promise<void> {
	for (let turn = 0; turn < SETTLING_TURNS; turn++) await Promise.resolve();
}

function firstDue(pending: ReadonlySet<PendingTimer>, end: number): PendingTimer | undefined {
	let first: PendingTimer | undefined;
	for (const timer of pending) {
		const isEarlier = !first || timer.at < first.at || (timer.at === first.at && timer.order < first.order);
		if (timer.at <= end && isEarlier) first = timer;
	}
	return first;
}

function uuidFrom(bytes: Uint8Array): string {
	bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
	bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
	const hex = Buffer.from(bytes).toString("hex");
	return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

function resolveSomewhere(host: string): string[] {
	return host === "localhost" ? ["127.0.0.1", "::1"] : ["93.184.215.14"];
}

function refuseNetwork(url: string): never {
	throw new Error(`connection refused: ${url}`);
}

function refuseProcess(command: readonly string[]): never {
	throw new Error(`not allowed to start ${command.join(" ")}`);
}
