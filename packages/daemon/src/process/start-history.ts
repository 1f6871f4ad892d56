import { existsSync, readFileSync, rmSync } from "node:fs";
import { type Clock, ExitCode, messageOf, StartupError, type WorkspacePaths } from "@signet/core";
import * as z from "zod/mini";
import { findConfigFile } from "../config/config-candidates.ts";
import { writeAtomically } from "../workspace/runtime-files.ts";

/** So many starts that came to nothing within that time, and nothing changed since, are enough. */
const MAX_FAILED = 5;
const WINDOW_MS = 120_000;

const failedStartSchema = () =>
	z.object({
		/** Milliseconds since 1970-01-01 UTC. */
		at: z.number(),
		version: z.string(),
		/** Of its file, to see whether somebody changed it since. */
		configuration: z.string(),
		/** What the daemon said; nothing when it was ended from outside, or crashed. */
		error: z.optional(z.string()),
	});

type FailedStart = z.infer<ReturnType<typeof failedStartSchema>>;

export interface StartHistoryOptions {
	readonly paths: WorkspacePaths;
	readonly clock: Clock;
	readonly version: string;
	/** Start even if it failed again and again. */
	readonly isForced: boolean;
}

/**
 * The starts of the daemon that have not come to serve, so that whatever starts it again and again stops at some point,
 * with a message that says why. A start is noted before it does anything, since a crash leaves no time for it.
 */
export class StartHistory {
	private constructor(
		private readonly file: string,
		private readonly earlier: readonly FailedStart[],
		private readonly own: FailedStart,
	) {}

	/**
	 * Note that a start was begun; the caller owns the workspace. Throws a `StartupError` when too many failed lately, and
	 * neither the configuration nor the program is another since.
	 */
	static begin({ paths, clock, version, isForced }: StartHistoryOptions): StartHistory {
		const now = clock.now();
		const configuration = stampOf(paths.configFiles);
		const earlier = readFailedStarts(paths.startsFile).filter(
			(start) =>
				start.at > now - WINDOW_MS &&
				start.at <= now &&
				start.version === version &&
				start.configuration === configuration,
		);
		const last = earlier.at(-1);
		if (last && earlier.length >= MAX_FAILED && !isForced) throw crashLoop(earlier, last);
		const history = new StartHistory(paths.startsFile, earlier, { at: now, version, configuration });
		history.#write([...earlier, history.own]);
		return history;
	}

	/** It serves: whatever was wrong is no more. */
	succeeded(): void {
		rmSync(this.file, { force: true });
	}

	/** It does not come to serve. A refusal that has nothing to do with this workspace does not count. */
	failed(error: unknown): void {
		const isElsewhere = error instanceof StartupError && NOT_COUNTED.has(error.exitCode);
		this.#write(isElsewhere ? this.earlier : [...this.earlier, { ...this.own, error: messageOf(error) }]);
	}

	#write(starts: readonly FailedStart[]): void {
		if (starts.length === 0) rmSync(this.file, { force: true });
		else writeAtomically(this.file, JSON.stringify(starts.slice(-MAX_FAILED)));
	}
}

/** Another process has the port or the workspace. */
const NOT_COUNTED: ReadonlySet<ExitCode> = new Set([ExitCode.ok, ExitCode.conflict, ExitCode.tryLater]);

function readFailedStarts(file: string): FailedStart[] {
	// As a rule there is nothing to be made sense of.
	if (!existsSync(file)) return [];
	try {
		return z.array(failedStartSchema()).parse(JSON.parse(readFileSync(file, "utf8")));
	} catch {
		return [];
	}
}

/** What failed with another configuration need not fail again. */
function stampOf(configFiles: readonly string[]): string {
	const found = findConfigFile(configFiles);
	return found ? `${found.path} ${found.stats.mtimeMs} ${found.stats.size}` : "none";
}

function crashLoop(failed: readonly FailedStart[], { error }: FailedStart): StartupError {
	return new StartupError(
		`The daemon did not come to serve ${failed.length} times within ${WINDOW_MS / 60_000} minutes, so it is not started again. ` +
			`The last time: ${error ?? "it was killed or crashed, without a word"}`,
		"Mend that: `signet logs` and `signet doctor` may say more. Then `signet start --force`, or wait two minutes.",
		ExitCode.crashLoop,
	);
}
