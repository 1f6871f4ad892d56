/**
 * The line dialect that older programs wrote and read as YAML. Files that are no YAML load by it, as they always did:
 * a key ends at the first colon, quotes need not match, indentation alone makes objects, lists are skipped.
 */

export interface Section {
	[key: string]: unknown;
}

interface Level {
	readonly indent: number;
	readonly section: Section;
}

/** Parse a text in the dialect. Never fails: what cannot be understood is left out. */
export function parseSimpleYaml(text: string): Section {
	const document: Section = {};
	const levels: Level[] = [{ indent: -1, section: document }];
	for (const line of text.replace(/^\uFEFF/, "").split(/\r?\n/)) {
		const entry = parseLine(line);
		if (!entry) continue;
		while (levels.length > 1 && (levels.at(-1)?.indent ?? -1) >= entry.indent) levels.pop();
		const parent = levels.at(-1)?.section ?? document;
		if (entry.value === "" || entry.value === "|") {
			const section: Section = {};
			parent[entry.key] = section;
			levels.push({ indent: entry.indent, section });
		} else {
			parent[entry.key] = parseScalar(entry.value);
		}
	}
	return document;
}

function parseLine(line: string): { indent: number; key: string; value: string } | undefined {
	const trimmed = line.trim();
	if (trimmed === "" || trimmed.startsWith("#") || trimmed === "---" || trimmed === "...") return undefined;
	const colon = trimmed.indexOf(":");
	if (colon < 0) return undefined;
	return {
		indent: line.length - line.trimStart().length,
		key: trimmed.slice(0, colon).trim(),
		value: withoutComment(trimmed.slice(colon + 1).trim()),
	};
}

function withoutComment(value: string): string {
	return /^["']/.test(value) ? value : value.replace(/(^|\s+)#.*$/, "");
}

function parseScalar(value: string): unknown {
	if (/^[|>][+-]?$/.test(value)) return "";
	const text = value.replace(/^["']/, "").replace(/["']$/, "");
	if (text === "true") return true;
	if (text === "false") return false;
	if (text === "null" || text === "~") return null;
	return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}
