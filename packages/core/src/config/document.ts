import { messageOf } from "../errors.ts";
import { parseSimpleYaml, type Section } from "./simple-yaml.ts";

export interface ConfigDocument {
	readonly section: Section;
	/** Why the text was not read as YAML but line by line, when it was. */
	readonly problem?: string;
}

/** Read a configuration text: as YAML, or by the old line dialect when it is none. Never fails. */
export function parseConfigDocument(text: string): ConfigDocument {
	if (text.trim() === "") return { section: {} };
	try {
		const parsed: unknown = Bun.YAML.parse(text.replace(/^\uFEFF/, ""));
		if (parsed === null || parsed === undefined) return { section: {} };
		if (isSection(parsed)) return { section: parsed };
		return { section: parseSimpleYaml(text), problem: "a single value, a list or several documents" };
	} catch (error) {
		return { section: parseSimpleYaml(text), problem: messageOf(error).replace(/^YAML Parse error: /, "") };
	}
}

/** Whether a value of a document is a map. */
export function isSection(value: unknown): value is Section {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
