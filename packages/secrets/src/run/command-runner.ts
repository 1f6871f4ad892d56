import {
	invalidRequest,
	RequestError,
	sha256Hex,
	type TextCleaner,
	type TextGuard,
	tooLarge,
	type World,
} from "@signet/core";
import { type PartLimits, replaceValues, ValueFinder } from "../redaction/index.ts";
import type { Approvals } from "./approvals.ts";
import type { AuditEntry, AuditLog } from "./audit-log.ts";
import type { Caller } from "./caller.ts";
import { demandVariableName, environmentOf } from "./environment.ts";
import { REDACTED } from "./output.ts";
import type { Policies } from "./policies.ts";
import { judge, type Use } from "./policy.ts";
import { type Outcome, runCommand } from "./run-command.ts";
import type { RunRecords } from "./run-records.ts";
import { type Command, commandText, startingWords } from "./shell.ts";
import { demandFolder, makeTemporaryFolder } from "./working-folder.ts";

/** Where values come from. */
export interface SecretValues {
	/** The value of a secret. Rejects with a `not_found` when there is none of that name. */
	resolve(name: string): Promise<string>;
}

export interface CommandSettings {
	/** Whether commands get all of the daemon's environment. */
	readonly inheritEnvironment: boolean;
	/** Folders in which, and in what is in them, commands may be run; the owner's home when there are none. */
	readonly folders: readonly string[];
	/** How long a command may take when it does not say. */
	readonly timeoutMs: number;
	/** What holds for a secret that has no policy of its own. */
	readonly use: Use;
}

export interface CommandRunnerOptions {
	readonly vault: SecretValues;
	readonly world: Pick<World, "clock" | "random" | "timers" | "processes">;
	/** Takes values of other secrets out of what commands print. */
	readonly guard: TextGuard;
	readonly policies: Policies;
	readonly approvals: Approvals;
	readonly audit: AuditLog;
	readonly records: RunRecords;
	/** Asked at each run. */
	readonly settings: () => CommandSettings;
	/** The daemon's own. */
	readonly env: Readonly<Record<string, string | undefined>>;
	readonly homeFolder: string | undefined;
	/** No command is run in them. */
	readonly forbiddenFolders: readonly string[];
}

export interface CommandRequest {
	readonly command: Command;
	/** Names of secrets by the variables that are to have their values. */
	readonly secrets: ReadonlyMap<string, string>;
	readonly cwd?: string | undefined;
	/** From 1 to `MAX_TIMEOUT_MS`. */
	readonly timeoutMs?: number | undefined;
}

export interface CommandResult extends Outcome {
	/** What could not be promised. */
	readonly warnings?: readonly string[];
}

export const DEFAULT_TIMEOUT_MS = 30_000;
export const MAX_TIMEOUT_MS = 600_000;
const MAX_OUTPUT_BYTES = 1024 * 1024;
const MAX_AT_ONCE = 16;
/** What the systems that we run on take as one argument. */
const MAX_COMMAND_CHARS = 100_000;
/** So much of a command is recorded. */
const RECORDED_CHARS = 1_000;
/** A shorter value is found, but so easily in other texts that nothing can be promised. */
const SAFE_CHARS = 8;
/** Values of three characters are not looked for; they would be everywhere. */
const LIMITS: PartLimits = { minValueChars: 4, minLineChars: 8, areLinesMixed: false };
const MARK = "SIGNET_RUN";

/** Runs commands that need secrets, in which their values are, and what is printed has not. */
export class CommandRunner {
	readonly #stopping = new AbortController();
	readonly #running = new Set<Promise<unknown>>();

	constructor(private readonly options: CommandRunnerOptions) {}

	/**
	 * Run a command. Throws when it may not be run, or cannot be started; how it ends is no failure. `signal` breaks it off.
	 */
	async run(request: CommandRequest, caller: Caller, signal: AbortSignal): Promise<CommandResult> {
		const text = commandText(request.command);
		if (text.length > MAX_COMMAND_CHARS) throw tooLarge("the command", text.length, MAX_COMMAND_CHARS, "characters");
		for (const variable of request.secrets.keys()) demandVariableName(variable);
		if (this.#stopping.signal.aborted) throw new RequestError(503, "shutting_down", "The daemon is shutting down");
		if (this.#running.size >= MAX_AT_ONCE) {
			throw new RequestError(
				429,
				"too_many_commands",
				`${MAX_AT_ONCE} commands are being run already; try again later`,
			);
		}
		const running = this.#run(request, caller, signal);
		this.#running.add(running);
		return running.finally(() => this.#running.delete(running));
	}

	/** End what commands of a process before this one have left behind: it had no time to, however it ended. */
	endLeftovers(): void {
		const { records, world } = this.options;
		for (const run of records.all()) {
			world.processes.killMarked(`${MARK}=${run}`);
			records.end(run);
		}
	}

	/** End all commands, and run no more. Resolves when nothing of them runs. */
	async stop(): Promise<void> {
		this.#stopping.abort();
		await Promise.allSettled(this.#running);
	}

	async #run(request: CommandRequest, caller: Caller, signal: AbortSignal): Promise<CommandResult> {
		const { world, guard, audit, records } = this.options;
		const values = await this.#resolve(request.secrets);
		const finder = await ValueFinder.of([...values.values()], LIMITS, world);
		const cleaner = await guard.ready();
		const shown = shownText(commandText(request.command), finder, cleaner);
		const use: Omit<AuditEntry, "event"> = {
			caller,
			secrets: [...request.secrets.values()],
			variables: [...request.secrets.keys()],
			commandHash: sha256Hex(shown),
			command: shown.slice(0, RECORDED_CHARS),
		};
		await this.#demandAllowed(request, use);
		const cwd = request.cwd === undefined ? undefined : this.#folder(request.cwd);
		await using folder = makeTemporaryFolder();
		const run = world.random.uuid();
		audit.append({ event: "started", run, ...use });
		const begunAt = world.clock.monotonicMs();
		records.begin(run);
		try {
			const outcome = await runCommand(world, {
				words: startingWords(request.command),
				env: { ...this.#environment(values, folder.path), [MARK]: run },
				cwd: cwd ?? folder.path,
				mark: `${MARK}=${run}`,
				timeoutMs: request.timeoutMs ?? this.options.settings().timeoutMs,
				maxOutputBytes: MAX_OUTPUT_BYTES,
				finder,
				signal: AbortSignal.any([signal, this.#stopping.signal]),
			});
			const { code: exitCode, signal: endedBy, timedOut } = outcome;
			const durationMs = Math.round(world.clock.monotonicMs() - begunAt);
			const ended = { exitCode, durationMs, ...(endedBy && { signal: endedBy }), ...(timedOut && { timedOut }) };
			audit.append({ event: "ended", run, ...use, ...ended });
			return { ...cleanOutcome(outcome, cleaner), ...warningsOf(request.secrets, values) };
		} catch (error) {
			if (error instanceof RequestError) throw error;
			const failure = startFailure(error, request.command);
			audit.append({ event: "failed", run, ...use, detail: failure.message });
			throw failure;
		} finally {
			records.end(run);
		}
	}

	/** The values by their variables. What a store says of a name that it has not is not what clients of this expect. */
	async #resolve(secrets: ReadonlyMap<string, string>): Promise<Map<string, string>> {
		const values = new Map<string, string>();
		for (const [variable, name] of secrets) {
			const value = await this.options.vault.resolve(name).catch((error: unknown) => {
				if (!(error instanceof RequestError) || error.code !== "not_found") throw error;
				throw new RequestError(500, "secret_not_found", `Secret '${name}' not found`);
			});
			// No other error may come of it: some of them quote what they do not like.
			if (value.includes("\0")) {
				throw invalidRequest(`The value of ${name} has a zero byte in it, which no environment variable can have`);
			}
			values.set(variable, value);
		}
		return values;
	}

	/** Throws unless the policies of all secrets allow the use, or a person has. */
	async #demandAllowed({ command, secrets, cwd }: CommandRequest, use: Omit<AuditEntry, "event">): Promise<void> {
		const { policies, approvals, audit, settings } = this.options;
		const all = await policies.all();
		const judgedCommand = { command, variables: new Set(secrets.keys()) };
		const judged = [...new Set(secrets.values())].map((name) => {
			return { name, ...judge(all.get(name) ?? {}, use.caller, judgedCommand, settings().use) };
		});
		const refused = judged.find((each) => each.use === "deny");
		if (refused) {
			audit.append({ event: "refused", ...use, detail: { secret: refused.name, reason: refused.reason } });
			throw new RequestError(403, "secret_not_allowed", `The secret ${refused.name} was not used: ${refused.reason}`);
		}
		if (judged.every((each) => each.use === "allow")) return;
		const key = sha256Hex(JSON.stringify([use.caller, command, [...secrets], cwd]));
		const { caller, command: shown = "", variables = [] } = use;
		approvals.demand({ caller, key, command: shown, secrets: use.secrets, variables, cwd }, ({ id }) =>
			audit.append({ event: "asked", ...use, detail: { id } }),
		);
	}

	#folder(cwd: string): string {
		const { homeFolder, forbiddenFolders } = this.options;
		const { folders } = this.options.settings();
		const home = homeFolder === undefined ? [] : [homeFolder];
		return demandFolder(cwd, { allowed: folders.length > 0 ? folders : home, forbidden: forbiddenFolders });
	}

	#environment(values: ReadonlyMap<string, string>, temporaryFolder: string): Record<string, string> {
		const isInherited = this.options.settings().inheritEnvironment;
		return environmentOf({ own: this.options.env, isInherited, temporaryFolder, values });
	}
}

/** A command as people may see it. */
function shownText(command: string, finder: ValueFinder | undefined, cleaner: TextCleaner): string {
	return cleaner.clean(finder ? replaceValues(command, finder, () => REDACTED).text : command).text;
}

/** A command may print what it found elsewhere. */
function cleanOutcome(outcome: Outcome, cleaner: TextCleaner): Outcome {
	return { ...outcome, stdout: cleaner.clean(outcome.stdout).text, stderr: cleaner.clean(outcome.stderr).text };
}

function warningsOf(
	secrets: ReadonlyMap<string, string>,
	values: ReadonlyMap<string, string>,
): Pick<CommandResult, "warnings"> {
	const short = [...secrets].filter(([variable]) => (values.get(variable)?.length ?? 0) < SAFE_CHARS);
	if (short.length === 0) return {};
	return {
		warnings: short.map(
			([, name]) => `The value of ${name} is so short that it cannot be kept out of the output reliably`,
		),
	};
}

/** In words of our own: those of the runtime may quote values. */
function startFailure(error: unknown, { command, argv }: Command): RequestError {
	const code = error instanceof Error && "code" in error ? error.code : undefined;
	const program = command === undefined ? argv[0] : "the shell";
	const failures: Readonly<Record<string, string>> = {
		ENOENT: `there is no program ${program} in the PATH of commands, or its folder is gone`,
		EACCES: `${program} must not be executed`,
		E2BIG: "a value, or the command, is longer than this machine takes",
		EAGAIN: "the machine can start no more processes",
		ENOMEM: "the machine has no memory left",
	};
	const why = (typeof code === "string" && failures[code]) || "the machine refused it";
	return new RequestError(500, "command_not_started", `The command could not be started: ${why}`);
}
