import { isSection } from "./document.ts";

/** The names that lead to a place in a document. */
export type Path = readonly string[];

/** `memory.pipelineV2.enabled`. */
export function dotted(path: Path): string {
	return path.join(".");
}

/** What stands at a place; undefined where there is none. */
export function lookUp(document: unknown, path: Path): unknown {
	return path.reduce<unknown>(
		(value, name) => (isSection(value) && Object.hasOwn(value, name) ? value[name] : undefined),
		document,
	);
}
