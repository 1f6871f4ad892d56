import { invalidRequest } from "@signet/core";
import { type Command, type CommandRequest, MAX_TIMEOUT_MS } from "@signet/secrets";
import * as z from "zod/mini";
import { optionalText, strictNumber } from "../http/fields.ts";

const MAX_SECRETS = 100;
const MAX_WORDS = 1_000;

/** What is to be run, with which secrets. What of it must be there is said by `commandOf` and `secretsOf`, in this order. */
export const execBody = () =>
	z.object(
		{
			command: z.optional(z.unknown()).check(z.describe("for `sh -c`: a text")),
			argv: z.optional(z.unknown()).check(z.describe("instead of a command: a list of texts, run without a shell")),
			secrets: z.optional(z.unknown()).check(z.describe("names of secrets by the variables that get their values")),
			cwd: optionalText("cwd"),
			timeoutMs: strictNumber("timeoutMs", 1, MAX_TIMEOUT_MS),
		},
		"the body must be a JSON object",
	);

export type ExecBody = z.infer<ReturnType<typeof execBody>>;

/** The request that a body means; `secrets` are those of a body that names none, if that may be. */
export function commandRequest(body: ExecBody, secrets?: ReadonlyMap<string, string>): CommandRequest {
	const { cwd, timeoutMs } = body;
	const command = commandOf(body);
	const isSilent = body.secrets === undefined || body.secrets === null;
	return { command, secrets: isSilent && secrets ? secrets : secretsOf(body.secrets), cwd, timeoutMs };
}

function commandOf({ command, argv }: ExecBody): Command {
	if (argv === undefined || argv === null) {
		if (typeof command === "string" && command !== "") return { command };
		throw invalidRequest("command is required");
	}
	if (command !== undefined) throw invalidRequest("a command and argv exclude each other");
	const isList = Array.isArray(argv) && argv.every((word) => typeof word === "string" && !word.includes("\0"));
	if (!isList || argv.length === 0 || argv[0] === "" || argv.length > MAX_WORDS) {
		throw invalidRequest(`argv must be a list of 1 to ${MAX_WORDS} texts, the first of which names a program`);
	}
	return { argv };
}

/** By its own members alone, whatever they are called. */
function secretsOf(given: unknown): Map<string, string> {
	const isMap = typeof given === "object" && given !== null && !Array.isArray(given);
	const entries = isMap ? Object.entries(given) : [];
	if (entries.length === 0) throw invalidRequest("secrets map is required");
	if (entries.length > MAX_SECRETS) throw invalidRequest(`secrets may name at most ${MAX_SECRETS} variables`);
	return new Map(
		entries.map(([variable, name]) => {
			if (typeof name === "string" && name !== "") return [variable, name];
			throw invalidRequest(`secrets: ${variable} must have the name of a secret`);
		}),
	);
}
