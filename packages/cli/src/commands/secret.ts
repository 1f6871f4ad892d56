import { ExitCode } from "@signet/core";
import { secretsAnswer } from "../answers.ts";
import { connect } from "../client.ts";
import { type ConfirmOptions, confirm } from "../confirm.ts";
import { type CommonOptions, typed } from "../environment.ts";
import { CommandError } from "../failure.ts";
import { askHidden, canAsk, pipedText } from "../hidden-input.ts";
import { plural, style } from "../terminal.ts";

/** `signet secret put NAME [VALUE]`: without a value it is asked for, or read from standard input. */
export async function put(name: string, given: string | undefined, options: CommonOptions): Promise<ExitCode> {
	if (name === "exec") {
		throw new CommandError(
			"No secret can be stored as exec",
			ExitCode.usage,
			"The daemon runs commands under that name.",
		);
	}
	const value = await valueOfSecret(name, given);
	if (value === "") throw new CommandError("There is nothing to store", ExitCode.usage);
	await connect(options).post(`/api/secrets/${encodeURIComponent(name)}`, { value });
	if (options.json) console.log(JSON.stringify({ success: true, name }));
	else console.log(`${style.good("✓")} ${name} is stored`);
	if (given !== undefined && given !== "-" && !options.json) {
		console.error(
			style.dim("  The value stood in the command, where other programs see it, and the shell remembers it."),
		);
	}
	return ExitCode.ok;
}

/** `signet secret list`: the names. */
export async function list(options: CommonOptions): Promise<ExitCode> {
	const names = await namesOf(options);
	if (options.json) console.log(JSON.stringify({ secrets: names }, null, 2));
	else if (names.length === 0) console.error(style.dim(`There are no secrets. Store one: ${typed("secret put NAME")}`));
	else {
		for (const name of names) console.log(name);
		console.error(style.dim(`\n${plural(names.length, "secret", "secrets")}`));
	}
	return ExitCode.ok;
}

/** `signet secret delete NAME`; asks first. */
export async function remove(name: string, options: ConfirmOptions): Promise<ExitCode> {
	await confirm(`Remove the secret ${name} for good?`, options);
	await connect(options).delete(`/api/secrets/${encodeURIComponent(name)}`, undefined);
	if (options.json) console.log(JSON.stringify({ success: true, name }));
	else console.log(`${style.good("✓")} ${name} is gone`);
	return ExitCode.ok;
}

/** `signet secret has NAME`: exit status 1 when there is none. */
export async function has(name: string, options: CommonOptions): Promise<ExitCode> {
	const isThere = (await namesOf(options)).includes(name);
	console.log(options.json ? JSON.stringify({ name, exists: isThere }) : String(isThere));
	return isThere ? ExitCode.ok : ExitCode.failure;
}

/** `signet secret get NAME`: says why it does not, and what to do. */
export function get(name: string): never {
	throw new CommandError(
		"No command shows a secret: whatever is printed ends up in a log, a history or a conversation",
		ExitCode.notAuthorised,
		`A command gets it by its environment (${typed(`secret exec -s ${name} -- COMMAND`)}), a setting by $secret:${name}. A new value: ${typed(`secret put ${name}`)}`,
	);
}

async function namesOf(options: CommonOptions): Promise<string[]> {
	return secretsAnswer.parse(await connect(options).get("/api/secrets")).secrets;
}

async function valueOfSecret(name: string, given: string | undefined): Promise<string> {
	if (given !== undefined && given !== "-") return given;
	return given === undefined && canAsk() ? askHidden(`Value of ${name}`) : pipedText();
}
