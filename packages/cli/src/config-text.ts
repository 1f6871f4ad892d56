import { relative } from "node:path";
import { ExitCode, messageOf, type WorkspacePaths } from "@signet/core";
import { type ConfigurationRow, configurationParts, findRow, knownNames } from "@signet/core/config";
import { readRegularFile } from "@signet/core/files";
import { findConfigFile } from "@signet/daemon/runtime";
import { typed } from "./environment.ts";
import { CommandError } from "./failure.ts";

/** The configuration that is in force. */
export interface ConfigText {
	/** Undefined where there is none. */
	readonly file: string | undefined;
	readonly text: string;
}

const MAX_BYTES = 1024 * 1024;

/** Read the configuration file of a workspace. */
export function readConfigText({ configFiles }: WorkspacePaths): ConfigText {
	const file = findConfigFile(configFiles)?.path;
	if (file === undefined) return { file, text: "" };
	try {
		return { file, text: readRegularFile(file, { maxBytes: MAX_BYTES }).toString() };
	} catch (error) {
		throw new CommandError(`${file} cannot be read: ${messageOf(error)}`, ExitCode.failure);
	}
}

/** The setting of that name; names that nobody knows are answered with the one that was meant. */
export function settingOf(name: string): ConfigurationRow {
	const row = findRow(name);
	if (row) return row;
	if (sectionRows(name).length > 0) {
		throw new CommandError(
			`${name} is a section, and no setting by itself`,
			ExitCode.notFound,
			`See what is in it: ${typed(`config list ${name}`)}`,
		);
	}
	throw unknown(name);
}

/** The settings whose names begin with a section; all, where none is named. */
export function settingsIn(section: string | undefined): ConfigurationRow[] {
	const rows = section === undefined ? configurationParts().flatMap((part) => part.rows) : sectionRows(section);
	if (rows.length === 0 && section !== undefined) throw unknown(section, "section");
	return rows;
}

/** How a file is called from where one is, when that is shorter. */
export function shortName(file: string): string {
	const name = relative(process.cwd(), file);
	return name.startsWith("..") ? file : name;
}

function sectionRows(section: string): ConfigurationRow[] {
	return configurationParts()
		.flatMap(({ rows }) => rows)
		.filter(({ name }) => name === section || name.startsWith(`${section}.`));
}

function unknown(name: string, kind = "setting"): CommandError {
	const meant = knownNames().suggestionFor(name.split("."));
	return new CommandError(
		`There is no ${kind} ${name}`,
		ExitCode.notFound,
		meant ? `Did you mean ${meant}?` : `All settings: ${typed("config list")}`,
	);
}
