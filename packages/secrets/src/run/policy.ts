import * as z from "zod/mini";
import type { Caller } from "./caller.ts";
import { isLike, wordsOf } from "./plain-command.ts";
import type { Command } from "./shell.ts";

/** What becomes of a use: it is allowed, a person is asked first, or it is refused. */
export const USES = ["allow", "ask", "deny"] as const;
export type Use = (typeof USES)[number];

const MAX_NAMES = 50;
const MAX_NAME_CHARS = 200;
const MAX_COMMANDS = 100;
const MAX_COMMAND_CHARS = 2_000;

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
			otherwise: z.optional(z.enum(["ask", "deny"], "otherwise must be ask or deny")),
		},
		"a policy has use, roles, callers, commands and otherwise, and nothing else",
	);

/**
 * Who may use a secret, and for what. What is left out restricts nothing; `use` is then what the configuration says.
 * `roles` and `callers`: one of each must be the caller's. `commands`: `use` holds for what is like one of them, and for
 * all others `otherwise`, which is `deny` when it is left out.
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
	const { roles, callers, commands, otherwise = "deny", use = defaultUse } = policy;
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
	return { use, reason: use === "ask" ? "each use of it wants approval" : "nobody may use it" };
}

/**
 * Whether a command is what a pattern says. What a shell would make something else of is like a pattern only if it is the
 * same text.
 */
function isCommandLike({ command: { command, argv }, variables }: JudgedCommand, pattern: string): boolean {
	if (command?.trim() === pattern.trim()) return true;
	const words = command === undefined ? argv : wordsOf(command, variables);
	return words !== undefined && isLike(words, pattern);
}
