import { ExitCode } from "@signet/core";
import * as z from "zod/mini";
import { connect, RefusedError } from "../client.ts";
import { type CommonOptions, typed } from "../environment.ts";
import { CommandError } from "../failure.ts";
import { style } from "../terminal.ts";

export interface SecretExecOptions extends CommonOptions {
	/** `NAME` or `NAME=VARIABLE`. */
	readonly secret: readonly string[];
	/** False for a folder of its own. */
	readonly cwd: string | false;
	/** Seconds. */
	readonly timeout?: number;
}

/** The longest that a command may take, and something for the way. */
const LONGEST_MS = 600_000;
const WAY_MS = 30_000;

const execAnswer = z.object({
	stdout: z.string(),
	stderr: z.string(),
	code: z.number(),
	signal: z.optional(z.string()),
	truncated: z.optional(z.boolean()),
	timedOut: z.optional(z.boolean()),
	warnings: z.optional(z.array(z.string())),
});

const refusedAnswer = z.object({ code: z.string() });

/**
 * `signet secret exec -s NAME[=VARIABLE] … -- COMMAND …`: one word is a text for the shell, several are a program and its
 * arguments. The exit status is that of the command.
 */
export async function secretExec(words: readonly string[], options: SecretExecOptions): Promise<number> {
	const [first, ...more] = words;
	if (first === undefined) throw usage("It is not said what to run");
	if (options.secret.length === 0) throw usage("It is not said which secrets the command is to have");
	const timeoutMs = options.timeout === undefined ? undefined : options.timeout * 1_000;
	const body = {
		...(more.length === 0 ? { command: first } : { argv: words }),
		secrets: Object.fromEntries(options.secret.map(variableAndName)),
		...(options.cwd !== false && { cwd: options.cwd }),
		timeoutMs,
	};
	const waitMs = (timeoutMs ?? LONGEST_MS) + WAY_MS;
	const raw = await connect(options).post("/api/secrets/exec", body, waitMs).catch(withAdvice);
	const answer = execAnswer.parse(raw);
	if (options.json) console.log(JSON.stringify(answer, null, 2));
	else show(answer);
	return answer.code;
}

/** Where a command may run is a question of the folder that somebody happens to be in. */
function withAdvice(error: unknown): never {
	const answer = error instanceof RefusedError ? refusedAnswer.safeParse(error.answer) : undefined;
	if (!(error instanceof RefusedError) || answer?.data?.code !== "folder_not_allowed") throw error;
	throw new CommandError(
		error.message,
		error.exitCode,
		`--no-cwd runs it in a folder of its own; \`${typed("config set secrets.folders FOLDER")}\` lets it run there.`,
	);
}

/** The variable that a secret goes into, and its name. */
function variableAndName(given: string): [variable: string, name: string] {
	const [name = "", variable = name, ...rest] = given.split("=");
	if (name === "" || variable === "" || rest.length > 0) {
		throw usage(`${JSON.stringify(given)} is not NAME or NAME=VARIABLE`);
	}
	return [variable, name];
}

function show({ stdout, stderr, signal, truncated, timedOut, warnings = [] }: z.infer<typeof execAnswer>): void {
	process.stdout.write(stdout);
	process.stderr.write(stderr);
	const notes = [
		...(timedOut ? ["it took too long and was ended"] : signal ? [`it was ended by ${signal}`] : []),
		...(truncated ? ["it printed more than is shown"] : []),
		...warnings,
	];
	for (const note of notes) console.error(`${style.warn("signet:")} ${note}`);
}

function usage(message: string): CommandError {
	return new CommandError(
		message,
		ExitCode.usage,
		`Try: ${typed("secret exec -s API_KEY -- 'curl -H \"X-Key: $API_KEY\" …'")}`,
	);
}
