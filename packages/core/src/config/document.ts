import { parseSimpleYaml, type Section } from "./simple-yaml.ts";

export interface ConfigDocument {
	readonly section: Section;
	/** Why the text was not read as YAML, when it was not. */
	readonly problem?: string;
}

/** Read a configuration text: as YAML, or by the old line dialect when it is none. Never fails. */
export function parseConfigDocument(text: string): ConfigDocument {
	if (text.trim() === "") return { section: {} };
	const byLines = (why: string): ConfigDocument => ({
		section: parseSimpleYaml(text),
		problem: `${why}; read line by line instead`,
	});
	try {
		const parsed: unknown = Bun.YAML.parse(text.replace(/^\uFEFF/, ""));
		if (parsed === null || parsed === undefined) return { section: {} };
		return isSection(parsed) ? { section: parsed } : byLines("a single value, a list or several documents");
	} catch (error) {
		const reason = error instanceof Error ? error.message : String(error);
		return byLines(`not valid YAML (${reason.replace(/^YAML Parse error: /, "")})`);
	}
}

/** Whether a value of a document is a map. */
export function isSection(value: unknown): value is Section {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
