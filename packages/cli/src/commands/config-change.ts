import { ExitCode } from "@signet/core";
import {
	type ConfigurationRow,
	changeSetting,
	checkConfiguration,
	type EditedValue,
	expectationOf,
	judge,
	type LocatedProblem,
	lookUp,
	readConfiguration,
	YamlEditError,
} from "@signet/core/config";
import { type ConfigEdit, editConfigFile } from "@signet/daemon/runtime";
import { settingOf, shortName } from "../config-text.ts";
import { type CommonOptions, typed, workspaceOf } from "../environment.ts";
import { CommandError } from "../failure.ts";
import { printable, style } from "../terminal.ts";

/** `signet config set KEY VALUE`; the value `-` is read from standard input, which keeps keys out of sight. */
export async function set(name: string, words: readonly string[], options: CommonOptions): Promise<ExitCode> {
	const row = settingOf(name);
	const isPiped = words.length === 1 && words[0] === "-";
	return change(row, wantedValue(row, isPiped ? [(await Bun.stdin.text()).trim()] : words), options);
}

/** `signet config unset KEY`: the default holds again. */
export function unset(name: string, options: CommonOptions): Promise<ExitCode> {
	return change(settingOf(name), undefined, options);
}

async function change(
	row: ConfigurationRow,
	value: EditedValue | undefined,
	options: CommonOptions,
): Promise<ExitCode> {
	let edit: ConfigEdit;
	try {
		edit = await editConfigFile(workspaceOf(options), (text) => changeSetting(text, row, value));
	} catch (error) {
		if (!(error instanceof YamlEditError)) throw error;
		throw new CommandError(error.message, ExitCode.failure, `See what is wrong: ${typed("config check")}`);
	}
	const { file, before, after } = edit;
	const [was, now] = [before, after].map((text) => settledValue(row, text));
	if (options.json) {
		const isSecret = row.key.isSecret === true;
		const shown = (each: unknown) => (isSecret && each !== undefined ? "[redacted]" : (each ?? null));
		const answer = { key: row.name, value: shown(now), was: shown(was), file, changed: before !== after };
		console.log(JSON.stringify(answer, null, 2));
		return ExitCode.ok;
	}
	const outcome = row.key.isSecret ? (value === undefined ? "is not set any more" : "is set") : `is ${inWords(now)}`;
	const previous = row.key.isSecret || Bun.deepEquals(was, now) ? "" : `, was ${inWords(was)}`;
	const verb = before === after ? " already" : "";
	console.log(`${style.good("✓")} ${row.name} ${outcome}${verb} ${style.dim(`(${shortName(file)}${previous})`)}`);
	for (const note of notesOn(row, value)) console.log(style.dim(`  ${note}`));
	for (const { key, text } of newProblems(before, after))
		console.log(`  ${style.warn("!")} ${printable(`${key}: ${text}`)}`);
	return ExitCode.ok;
}

/** What the file makes of a setting, whatever the environment says. */
function settledValue({ sections: [section = []], below }: ConfigurationRow, text: string): unknown {
	return lookUp(readConfiguration(text, {}).values, [...section, ...below]);
}

function inWords(value: unknown): string {
	if (value === undefined) return "not set";
	return typeof value === "string" ? printable(value) : JSON.stringify(value);
}

/** What is wrong in the file since a change. */
function newProblems(before: string, after: string): LocatedProblem[] {
	const known = new Set(checkConfiguration(before, process.env).map(({ key, text }) => `${key} ${text}`));
	return checkConfiguration(after, process.env).filter(({ key, text }) => !known.has(`${key} ${text}`));
}

/** What keeps a change from having the effect that one would expect. */
function notesOn({ name, key, hasEffect }: ConfigurationRow, value: EditedValue | undefined): string[] {
	const notes: string[] = [];
	const { environment } = key;
	if (environment?.beatsFile && process.env[environment.name]) notes.push(`${environment.name} is set and wins.`);
	if (key.isReadAtStart) notes.push(`The daemon reads it when it starts: ${typed("restart")}`);
	if (name === "auth.mode" && value !== undefined && value !== "local") {
		notes.push(`Programs elsewhere need a token then: ${typed("auth token create")}`);
	}
	if (!hasEffect) notes.push("Nothing acts on it in this version yet.");
	return notes;
}

/** Words of a command line as a value that the key takes. */
function wantedValue(row: ConfigurationRow, words: readonly string[]): EditedValue {
	const { key, name } = row;
	const said = words.join(" ").trim();
	const refuse = (why: string) =>
		new CommandError(`${name}: ${why}`, ExitCode.usage, `It takes ${expectationOf(key)}: ${key.description}`);
	if (key.kind === "anything" || key.kind === "flags") {
		throw new CommandError(
			key.kind === "flags" ? `${name} wants the name of a switch` : `${name} is kept for other programs`,
			ExitCode.usage,
			key.kind === "flags" ? `Try: ${typed(`config set ${name}.mine true`)}` : "Change it in the file, if you must.",
		);
	}
	if (key.kind === "texts") return words.flatMap((word) => word.split(",")).flatMap((each) => each.trim() || []);
	if (said === "")
		throw new CommandError(`${name}: nothing is named`, ExitCode.usage, `Try: ${typed(`config unset ${name}`)}`);
	const { value, fault } = judge(key, key.kind === "text" || key.kind === "choice" ? said : scalarOf(said));
	if (fault) throw refuse(fault.text);
	if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean")
		throw refuse("it cannot be set");
	return value;
}

function scalarOf(said: string): string | number | boolean {
	if (said === "true" || said === "false") return said === "true";
	const number = Number(said);
	return Number.isNaN(number) ? said : number;
}
