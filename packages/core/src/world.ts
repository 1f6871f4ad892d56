/**
 * Everything outside this process that is neither SQLite nor a file. Code takes the parts it needs from its caller and
 * never reaches for a global, so that a test can run a day of the daemon's life in a second and replay it from a seed.
 * The real one is `@signet/core/world`, the seeded one `@signet/core/testing`.
 */
export interface World {
	readonly clock: Clock;
	readonly timers: Timers;
	readonly random: Random;
	readonly network: Network;
	readonly processes: Processes;
}

export interface Clock {
	/** Milliseconds since 1970-01-01 UTC. May jump when the machine's clock is set. */
	now(): number;
	/** Milliseconds from an arbitrary start, never going back; only differences mean something. */
	monotonicMs(): number;
}

export interface Timer {
	/** Harmless when the timer has already fired. */
	cancel(): void;
}

export interface Timers {
	/**
	 * Call `callback` once, `delayMs` from now. A timer never keeps the process alive by itself: what must outlive the
	 * last request is the daemon's server, not its housekeeping.
	 */
	after(delayMs: number, callback: () => void): Timer;
	/** Wait. Unlike a timer this keeps the process alive: somebody is waiting. */
	sleep(delayMs: number): Promise<void>;
	/** Let whatever else is waiting on the event loop run first. */
	yield(): Promise<void>;
}

export interface Random {
	/** A random UUID, version 4. */
	uuid(): string;
	/** `length` bytes fit for keys. */
	bytes(length: number): Uint8Array;
}

export interface Network {
	/** As the standard `fetch`, within `timeoutMs` from the call to the last byte of the body. */
	fetch(url: string, request: NetworkRequest): Promise<NetworkResponse>;
	/** Ask for something that may be too large to be held as a whole. A redirect is answered as it is, never followed. */
	download(url: string, request: DownloadRequest): Promise<DownloadResponse>;
	/** All IP addresses that a host name has now, at least one. Rejects when it has none. */
	resolve(host: string): Promise<readonly string[]>;
}

export interface DownloadRequest {
	readonly method?: "GET" | "POST";
	readonly body?: string;
	/** The IP address to connect to, whatever the name in the URL resolves to; the server is still asked for by that name. */
	readonly address?: string;
	readonly headers?: Readonly<Record<string, string>>;
	/** From the call to the last byte of the body. */
	readonly timeoutMs: number;
	/** Breaks it off, at whatever point it is. */
	readonly signal?: AbortSignal;
}

export interface DownloadResponse {
	readonly status: number;
	header(name: string): string | undefined;
	/** The bytes as they come, compressed if the server compresses them. Leaving the loop early breaks the download off. */
	readonly body: AsyncIterable<Uint8Array>;
}

export interface NetworkRequest {
	readonly method?: "GET" | "POST" | "PATCH" | "DELETE";
	readonly headers?: Readonly<Record<string, string>>;
	readonly body?: string;
	readonly timeoutMs: number;
	/** More bytes of an answer than these fail the request; 64 MiB by default. */
	readonly maxBytes?: number;
}

export interface NetworkResponse {
	readonly status: number;
	/** The body, decoded as UTF-8. */
	readonly text: string;
}

export interface Processes {
	/** Start `command` and leave it running on its own after this process ends; its output is appended to two files. */
	startDetached(command: readonly string[], options: DetachedOptions): StartedProcess;
	/** Start `command` and talk with it. When this process ends, however it ends, the input of the other one is closed. */
	startPiped(command: readonly string[], options: PipedOptions): PipedProcess;
	/**
	 * Run `command` to its end, without a terminal, and give what it printed. What takes longer than `timeoutMs` is ended
	 * (`SIGKILL`). Rejects when it cannot be started.
	 */
	run(command: readonly string[], options: RunOptions): Promise<FinishedProcess>;
	/**
	 * Start `command` with a group of its own, into which all that it starts belongs too, and nothing on its standard
	 * input. Throws when it cannot be started.
	 */
	startGroup(command: readonly string[], options: GroupOptions): ProcessGroup;
	/**
	 * End (`SIGKILL`) all processes that have `mark`, as `NAME=value`, in their environment, as far as this machine shows
	 * it; gives how many those were.
	 */
	killMarked(mark: string): number;
	/** Run `command` in this terminal and wait for its end; resolves to its exit code. Rejects when it cannot be started. */
	runInTerminal(command: readonly string[]): Promise<number>;
	/** Whether a process with this id exists. Another program may have been given the id since. */
	isAlive(pid: number): boolean;
	/** Ask a process to end (`SIGTERM`) or end it (`SIGKILL`); false when there is none. */
	signal(pid: number, signal: "SIGTERM" | "SIGKILL"): boolean;
}

export interface DetachedOptions {
	readonly env: Readonly<Record<string, string | undefined>>;
	readonly stdoutFile: string;
	readonly stderrFile: string;
}

export interface RunOptions {
	/** Of the process; this one's, when it is left out. */
	readonly env?: Readonly<Record<string, string | undefined>>;
	readonly timeoutMs: number;
}

export interface FinishedProcess {
	/** Undefined when a signal ended it. */
	readonly exitCode: number | undefined;
	/** So much of what it printed as a person would read: the first million bytes. */
	readonly stdout: string;
	readonly stderr: string;
}

export interface PipedOptions {
	readonly env: Readonly<Record<string, string | undefined>>;
	/** Told of what it prints, as it comes. */
	readonly onOutput: (bytes: Uint8Array) => void;
	/** Told once, when it has ended and all that it printed was told. */
	readonly onExit: (ended: EndedProcess) => void;
}

export interface GroupOptions {
	readonly env: Readonly<Record<string, string>>;
	readonly cwd: string;
	/** `NAME=value`, which is in `env`: where the machine shows it, what has left the group is known by it. */
	readonly mark: string;
	readonly onStdout: (bytes: Uint8Array) => void;
	readonly onStderr: (bytes: Uint8Array) => void;
	/** Told once, when `command` has ended. What it has started may live on, and may print. */
	readonly onExit: (ended: EndedCommand) => void;
	/** Told once, when nobody can print any more and all that was printed was told. */
	readonly onOutputEnd: () => void;
}

export interface EndedCommand {
	/** Undefined when a signal ended it. */
	readonly exitCode: number | undefined;
	/** Such as `SIGKILL`. */
	readonly signal: string | undefined;
}

/** A process and all that it has started. */
export interface ProcessGroup {
	readonly pid: number;
	/** Whether any of them lives. */
	isAlive(): boolean;
	/** Ask all of them to end (`SIGTERM`), or end them (`SIGKILL`). */
	signal(signal: "SIGTERM" | "SIGKILL"): void;
}

export interface EndedProcess {
	/** Undefined when a signal ended it. */
	readonly exitCode: number | undefined;
	/** The last that it wrote on its standard error. */
	readonly lastWords: string;
}

export interface PipedProcess {
	readonly pid: number;
	/** Send text on its standard input. What a process that has ended is sent is lost. */
	write(text: string): void;
	/** Say that no more will come. */
	closeInput(): void;
	/** End it (`SIGKILL`). */
	kill(): void;
}

export interface StartedProcess {
	readonly pid: number;
	/** The exit code, once it has ended; undefined while it runs. */
	exitCode(): number | undefined;
}

/**
 * What `promise` gives if it settles within `timeoutMs`, else `undefined`. The promise itself goes on; its late
 * failure is the caller's to handle where it was started.
 */
export async function within<T>(
	timers: Pick<Timers, "after">,
	timeoutMs: number,
	promise: Promise<T>,
): Promise<T | undefined> {
	const { promise: expired, resolve } = Promise.withResolvers<undefined>();
	const timer = timers.after(timeoutMs, () => resolve(undefined));
	try {
		return await Promise.race([promise, expired]);
	} finally {
		timer.cancel();
	}
}
