import { basename } from "node:path";
import { ExitCode } from "@signet/core";
import {
	type Configuration,
	type ConfigurationRow,
	checkConfiguration,
	describeProblem,
	expectationOf,
	lookUp,
	readConfiguration,
	type YamlText,
	yamlTextOf,
} from "@signet/core/config";
import { readConfigText, settingOf, settingsIn, shortName } from "../config-text.ts";
import { type CommonOptions, workspaceOf } from "../environment.ts";
import { plural, printable, style, table } from "../terminal.ts";

export interface ConfigListOptions extends CommonOptions {
	readonly set?: boolean;
}

/** `signet config check`: exit status 1 when anything in the file is not used as it stands. */
export function check(options: CommonOptions): ExitCode {
	const { file, text } = readConfigText(workspaceOf(options));
	const problems = checkConfiguration(text, process.env);
	if (options.json)
		console.log(JSON.stringify({ file: file ?? null, isValid: problems.length === 0, problems }, null, 2));
	else if (file === undefined) console.log(`${style.good("✓")} There is no configuration; the defaults hold`);
	else if (problems.length === 0) console.log(`${style.good("✓")} ${shortName(file)} is sound`);
	else {
		for (const problem of problems) console.log(printable(describeProblem(problem, basename(file))));
		console.log(`\n${style.warn("!")} ${plural(problems.length, "problem", "problems")} in ${shortName(file)}`);
	}
	return problems.length === 0 ? ExitCode.ok : ExitCode.failure;
}

/** `signet config get KEY`: the value that holds, and nothing else. */
export function get(name: string, options: CommonOptions): ExitCode {
	const row = settingOf(name);
	const shown = new ShownSettings(options).describe(row);
	if (options.json) console.log(JSON.stringify(shown, null, 2));
	else console.log(shown.value === null ? "" : plainText(shown.value));
	if (!options.json && shown.value === null) console.error(style.dim(`It is not set: ${defaultOf(row)}`));
	return ExitCode.ok;
}

/** `signet config list [SECTION]`: every setting, its value, and where that comes from. */
export function list(section: string | undefined, options: ConfigListOptions): ExitCode {
	const settings = new ShownSettings(options);
	const rows = settingsIn(section)
		.map((row) => ({ row, shown: settings.describe(row) }))
		.filter(({ shown }) => !options.set || shown.from !== "default");
	if (options.json) {
		const secret = (row: ConfigurationRow, value: unknown) =>
			row.key.isSecret && value !== null ? "[redacted]" : value;
		const settingsShown = rows.map(({ row, shown }) => ({ ...shown, value: secret(row, shown.value) }));
		console.log(JSON.stringify({ file: settings.file ?? null, settings: settingsShown }, null, 2));
		return ExitCode.ok;
	}
	const columns = [{ title: "setting" }, { title: "value" }, { title: "from" }, { title: "", isFlexible: true }];
	const lines = rows.map(({ row, shown: { value, from, line } }) => [
		row.name,
		row.key.isSecret && value !== null ? "[set]" : value === null ? "" : plainText(value).slice(0, 40),
		from === "default" ? "" : line === undefined ? from : `line ${line}`,
		row.key.description,
	]);
	if (rows.length > 0) console.log(table(columns, lines));
	console.log(
		style.dim(`${rows.length > 0 ? "\n" : ""}${settings.file ?? "There is no configuration; the defaults hold"}`),
	);
	return ExitCode.ok;
}

interface ShownSetting {
	readonly key: string;
	/** Null where nothing is said and there is no fixed default. */
	readonly value: unknown;
	readonly from: "file" | "environment" | "default";
	readonly line?: number;
	readonly variable?: string;
	readonly takes: string;
	readonly description: string;
	readonly hasEffect: boolean;
}

/** Settings as they hold in a workspace. */
class ShownSettings {
	readonly file: string | undefined;
	readonly #configuration: Configuration;
	readonly #yaml: YamlText | undefined;

	constructor(options: CommonOptions) {
		const { file, text } = readConfigText(workspaceOf(options));
		this.file = file;
		this.#configuration = readConfiguration(text, process.env);
		this.#yaml = this.#configuration.notYaml ? undefined : yamlTextOf(text);
	}

	describe(row: ConfigurationRow): ShownSetting {
		const { values, origins } = this.#configuration;
		const [section = []] = row.sections;
		const value = lookUp(values, [...section, ...row.below]);
		const parent = row.key.kind === "flag" && row.name.startsWith("features.") ? "features" : row.name;
		const origin = origins.get(parent);
		const line = origin?.from === "file" ? this.#yaml?.placeOf(origin.path)?.line : undefined;
		return {
			key: row.name,
			value: value ?? null,
			from: value === undefined ? "default" : (origin?.from ?? "default"),
			...(line !== undefined && { line }),
			...(origin?.from === "environment" && { variable: origin.name }),
			takes: expectationOf(row.key),
			description: row.key.description,
			hasEffect: row.hasEffect,
		};
	}
}

/** A value as a program would want it: a text without quotes, a list with a line for each. */
function plainText(value: unknown): string {
	if (typeof value === "string") return value;
	if (Array.isArray(value) && value.every((each) => typeof each === "string")) return value.join("\n");
	return JSON.stringify(value);
}

function defaultOf({ key }: ConfigurationRow): string {
	return key.defaultNote?.replaceAll("`", "") ?? "nothing holds";
}
