import { dotted } from "./path.ts";
import { type ConfigProblem, readConfiguration } from "./read.ts";
import { settingsOf } from "./settings.ts";
import { type TextPlace, type YamlText, yamlTextOf } from "./yaml-text.ts";

/** A problem of a configuration with the place in the text where it is to be mended. */
export interface LocatedProblem extends Partial<TextPlace> {
	readonly kind: ConfigProblem["kind"];
	/** As it stands in the file, dotted; empty for the file as a whole. */
	readonly key: string;
	readonly text: string;
}

/** All that is wrong in a configuration text, in its order. */
export function checkConfiguration(
	text: string,
	env: Readonly<Record<string, string | undefined>> = {},
): LocatedProblem[] {
	const yaml = yamlTextOf(text);
	const problems = settingsOf(readConfiguration(text, env)).problems.map((problem) => located(problem, yaml));
	const isYaml = problems.every(({ kind }) => kind !== "syntax");
	const faults = (yaml?.faults ?? []).map((fault): LocatedProblem => {
		const said = isYaml ? `other readers of YAML refuse this (${fault.text})` : `not valid YAML (${fault.text})`;
		return { ...fault, kind: "syntax", key: "", text: said };
	});
	const repeated = (yaml?.repeated ?? []).map((each): LocatedProblem => ({ ...each, kind: "unused", key: "" }));
	// The first fault is among the problems already, with what follows from it.
	return [...problems, ...(isYaml ? faults : faults.slice(1)), ...repeated].sort(
		(a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0),
	);
}

/** A problem in one line: `agent.yaml:3:5 search.top_k: …`. */
export function describeProblem({ line, column, key, text }: LocatedProblem, fileName: string): string {
	const place = line === undefined ? fileName : `${fileName}:${line}:${column}`;
	return `${place}  ${key === "" ? text : `${key}: ${text}`}`;
}

function located({ kind, path, text, place }: ConfigProblem, yaml: YamlText | undefined): LocatedProblem {
	return { kind, key: dotted(path), text, ...(place ?? yaml?.placeOf(path)) };
}
