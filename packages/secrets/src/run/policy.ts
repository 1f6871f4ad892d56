import * as z from "zod/mini";
import type { Caller } from "./caller.ts";
import { hostsOfCurl } from "./curl-hosts.ts";
import { isLike, wordsOf } from "./plain-command.ts";
import type { Command } from "./shell.ts";

/** What becomes of a use: it is allowed, a person is asked first, or it is refused. */
export const USES = ["allow", "ask", "deny"] as const;
export type Use = (typeof USES)[number];

const MAX_NAMES = 50;
const MAX_NAME_CHARS = 200;
const MAX_COMMANDS = 100;
const MAX_COMMAND_CHARS = 2_000;
const HOSTS_RULE = "hosts must be a list of names in small letters, with a port or without, such as api.example.com";
const HOST = /^[a-z0-9.-]+(?::\d+)?$/;

const list = (name: string, many: number, chars: number) =>
	z.optional(
		z
			.array(
				z.string(`${name} must be a list of texts`).check(
					z.refine((text) => text.trim() !== "", `${name}: an empty text means nothing`),
					z.maxLength(chars, `${name}: a text may have at most ${chars} characters`),
				),
				`${name} must be a list of texts`,
			)
			.check(z.maxLength(many, `${name} may have at most ${many} entries`)),
	);

export const policySchema = () =>
	z.strictObject(
		{
			use: z.optional(z.enum(USES, `use must be one of ${USES.join(", ")}`)),
			roles: list("roles", MAX_NAMES, MAX_NAME_CHARS),
			callers: list("callers", MAX_NAMES, MAX_NAME_CHARS),
			commands: list("commands", MAX_COMMANDS, MAX_COMMAND_CHARS),
			hosts: z.optional(
				z
					.array(
						z.string(HOSTS_RULE).check(z.regex(HOST, HOSTS_RULE), z.maxLength(MAX_NAME_CHARS, HOSTS_RULE)),
						HOSTS_RULE,
					)
					.check(z.maxLength(MAX_NAMES, `hosts may have at most ${MAX_NAMES} entries`)),
			),
			otherwise: z.optional(z.enum(["ask", "deny"], "otherwise must be ask or deny")),
		},
		"a policy has use, roles, callers, commands, hosts and otherwise, and nothing else",
	);

/**
 * Who may use a secret, and for what. What is left out restricts nothing; `use` is then what the configuration says.
 * `roles` and `callers`: one of each must be the caller's. `commands`: `use` holds for what is like one of them.
 * `hosts`: it holds for a `curl` that sends to these alone. For all others `otherwise` does, which is `deny` when it is
 * left out.
 */
export type SecretPolicy = z.infer<ReturnType<typeof policySchema>>;

export interface Judgement {
	readonly use: Use;
	/** Why it is not allowed; for a person. */
	readonly reason: string;
}

/** A command, and the variables that are to have the values of secrets in it. */
export interface JudgedCommand {
	readonly command: Command;
	readonly variables: ReadonlySet<string>;
}

/** What a policy says of a use. */
export function judge(policy: SecretPolicy, caller: Caller, command: JudgedCommand, defaultUse: Use): Judgement {
	const { roles, callers, commands, hosts, otherwise = "deny", use = defaultUse } = policy;
	if (roles && !roles.includes(caller.role)) {
		return {
			use: "deny",
			reason: `only ${roles.join(", ") || "nobody"} may use it, and ${caller.name} is ${caller.role}`,
		};
	}
	if (callers && !callers.includes(caller.name)) {
		return { use: "deny", reason: `only ${callers.join(", ") || "nobody"} may use it, not ${caller.name}` };
	}
	if (commands && !commands.some((pattern) => isCommandLike(command, pattern))) {
		return { use: otherwise, reason: "it is only for other commands than this one" };
	}
	if (hosts && !hostsOfCurl(wordsIn(command) ?? [])?.every((host) => hosts.includes(host))) {
		return { use: otherwise, reason: `it is only for a curl that sends to ${hosts.join(", ") || "nobody"}` };
	}
	return { use, reason: use === "ask" ? "each use of it wants approval" : "nobody may use it" };
}

/**
 * Whether a command is what a pattern says. What a shell would make something else of is like a pattern only if it is the
 * same text.
 */
function isCommandLike(judged: JudgedCommand, pattern: string): boolean {
	if (judged.command.command?.trim() === pattern.trim()) return true;
	const words = wordsIn(judged);
	return words !== undefined && isLike(words, pattern);
}

/** The words of a command; undefined where a shell would make something else of it. */
function wordsIn({ command: { command, argv }, variables }: JudgedCommand): readonly string[] | undefined {
	return command === undefined ? argv : wordsOf(command, variables);
}
