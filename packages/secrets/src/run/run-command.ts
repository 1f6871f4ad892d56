import { type EndedCommand, type ProcessGroup, type Timers, type World, within } from "@signet/core";
import type { ValueFinder } from "../redaction/index.ts";
import { CommandOutput } from "./output.ts";

/** How long a command that was asked to end may take before it is ended. */
const GRACE_MS = 5_000;
/** How long what a command has left behind may go on printing, and how long it may take to end when asked. */
const LEFTOVER_MS = 500;
/** How long something that was ended may take to be gone. */
const GONE_MS = 2_000;
/** Looking costs the machine something: the longer it takes, the more rarely. */
const FIRST_POLL_MS = 5;
const LONGEST_POLL_MS = 160;

export interface Run {
	readonly words: readonly string[];
	readonly env: Readonly<Record<string, string>>;
	readonly cwd: string;
	/** `NAME=value`, which is in `env` and nowhere else. */
	readonly mark: string;
	readonly timeoutMs: number;
	/** Of each of its outputs. */
	readonly maxOutputBytes: number;
	/** Finds what its outputs must not show. */
	readonly finder: ValueFinder | undefined;
	/** Ends it, when whoever wanted it is gone. */
	readonly signal: AbortSignal;
}

export interface Outcome {
	readonly stdout: string;
	readonly stderr: string;
	/** The exit code; 1 when a signal has ended it. */
	readonly code: number;
	/** Such as `SIGKILL`. */
	readonly signal?: string;
	/** An output was longer than is kept. */
	readonly truncated?: true;
	/** It was ended because it took too long. */
	readonly timedOut?: true;
}

/**
 * Run a command to its end. When this resolves nothing of it runs any more, whatever it has started: what does not end by
 * itself is asked to, and then ended. Throws when it cannot be started.
 */
export async function runCommand(
	{ processes, timers }: Pick<World, "processes" | "timers">,
	run: Run,
): Promise<Outcome> {
	const stdout = new CommandOutput(run.finder, run.maxOutputBytes);
	const stderr = new CommandOutput(run.finder, run.maxOutputBytes);
	const exit = Promise.withResolvers<EndedCommand>();
	const outputEnd = Promise.withResolvers<void>();
	const group = processes.startGroup(run.words, {
		env: run.env,
		cwd: run.cwd,
		mark: run.mark,
		onStdout: (bytes) => stdout.push(bytes),
		onStderr: (bytes) => stderr.push(bytes),
		onExit: exit.resolve,
		onOutputEnd: () => outputEnd.resolve(),
	});
	const state = { isTimedOut: false };
	let ending: Promise<void> | undefined;
	const end = (graceMs: number) => (ending ??= endGroup(group, timers, graceMs));
	const givenUp = Promise.withResolvers<EndedCommand>();
	const breakOff = async () => {
		await end(GRACE_MS);
		await within(timers, GONE_MS, exit.promise);
		givenUp.resolve({ exitCode: undefined, signal: "SIGKILL" });
	};
	const timer = timers.after(run.timeoutMs, () => {
		state.isTimedOut = true;
		void breakOff();
	});
	run.signal.addEventListener("abort", breakOff);
	if (run.signal.aborted) void breakOff();
	try {
		const { exitCode, signal } = await Promise.race([exit.promise, givenUp.promise]);
		// It may have left something in the background that has not printed all yet.
		await within(timers, LEFTOVER_MS, outputEnd.promise);
		await end(LEFTOVER_MS);
		await within(timers, LEFTOVER_MS, outputEnd.promise);
		return {
			stdout: stdout.end(),
			stderr: stderr.end(),
			code: state.isTimedOut ? exitCode || 1 : (exitCode ?? 1),
			...(signal !== undefined && { signal }),
			...((stdout.isTruncated || stderr.isTruncated) && { truncated: true }),
			...(state.isTimedOut && { timedOut: true }),
		};
	} finally {
		timer.cancel();
		run.signal.removeEventListener("abort", breakOff);
	}
}

/** Ask a group to end, and end what of it has not after `graceMs`; resolves when it is gone. */
async function endGroup(group: ProcessGroup, timers: Timers, graceMs: number): Promise<void> {
	if (!group.isAlive()) return;
	group.signal("SIGTERM");
	if (await isGone(group, timers, graceMs)) return;
	group.signal("SIGKILL");
	await isGone(group, timers, GONE_MS);
}

async function isGone(group: ProcessGroup, timers: Timers, withinMs: number): Promise<boolean> {
	let pollMs = FIRST_POLL_MS;
	for (let waitedMs = 0; waitedMs < withinMs; waitedMs += pollMs) {
		if (!group.isAlive()) return true;
		pollMs = Math.min(2 * pollMs, LONGEST_POLL_MS);
		await timers.sleep(pollMs);
	}
	return !group.isAlive();
}
