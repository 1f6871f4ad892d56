import { parseSimpleYaml, type Section } from "./simple-yaml.ts";

export interface ConfigDocument {
	readonly section: Section;
	/** Why the text was not read as YAML, when it was not. */
	readonly problem?: string;
}

/** Read a configuration text: as YAML, or by the old line dialect when it is none. Never fails. */
export function parseConfigDocument(text: string): ConfigDocument {
	if (text.trim() === "") return { section: {} };
	try {
		const parsed: unknown = Bun.YAML.parse(text.replace(/^\uFEFF/, ""));
		if (parsed === null || parsed === undefined) return { section: {} };
		if (isSection(parsed)) return { section: parsed };
		return { section: {}, problem: "the file is a single value or a list, not a map of settings" };
	} catch (error) {
		const reason = error instanceof Error ? error.message : String(error);
		return { section: parseSimpleYaml(text), problem: `not valid YAML (${reason}); read line by line instead` };
	}
}

/** Whether a value of a document is a map. */
export function isSection(value: unknown): value is Section {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
