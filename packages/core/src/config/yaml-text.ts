import type { Document, Node, Pair, Scalar, YAMLMap } from "yaml";
import type { Path } from "./path.ts";
import { yamlLibrary } from "./yaml-library.ts";

/** A place in a text, both counted from 1. */
export interface TextPlace {
	readonly line: number;
	readonly column: number;
}

/** What keeps a text from being YAML. */
export interface YamlFault extends TextPlace {
	readonly text: string;
}

/** A configuration text as YAML, with the places of what is in it. */
export class YamlText {
	readonly #document: Document.Parsed;
	readonly #lineStarts: readonly number[];
	/** In the order of the text; the first is what to correct. */
	readonly faults: readonly YamlFault[];
	/** Keys that stand twice in the same map: the last one holds. */
	readonly repeated: readonly YamlFault[];

	/** `text` without a byte order mark. */
	constructor(readonly text: string) {
		const { parseDocument, LineCounter } = yamlLibrary();
		const lineCounter = new LineCounter();
		this.#document = parseDocument(text, { lineCounter, logLevel: "error", prettyErrors: false });
		this.#lineStarts = lineCounter.lineStarts;
		const errors = this.#document.errors.map(({ code, pos: [start], message }) => ({ code, start, message }));
		this.faults = errors
			.filter(({ code }) => code !== "DUPLICATE_KEY")
			.map(({ code, start, message }) =>
				code === "MISSING_CHAR" ? this.#openQuote(start, message) : { start, message },
			)
			.map(({ start, message }) => ({ ...this.#placeAt(start), text: message }));
		this.repeated = errors
			.filter(({ code }) => code === "DUPLICATE_KEY")
			.map(({ start }) => ({ ...this.#placeAt(start), text: "it stands here again; the last one holds" }));
	}

	/** The outermost value; null where there is none. */
	get root(): Node | null {
		return this.#document.contents;
	}

	/** Where the key of that name stands; the nearest one above it where it has no line of its own. */
	placeOf(path: Path): TextPlace | undefined {
		const { isMap } = yamlLibrary();
		let node: unknown = this.root;
		let found: TextPlace | undefined;
		for (const name of path) {
			const pair = isMap(node) ? pairOf(node, name) : undefined;
			const start = pair && keyRange(pair)?.[0];
			if (!pair || start === undefined) break;
			found = this.#placeAt(start);
			node = pair.value;
		}
		return found;
	}

	/** A quote that is never closed is missed at the end of the text; what to correct is where it begins. */
	#openQuote(start: number, message: string): { start: number; message: string } {
		const { visit } = yamlLibrary();
		let opened = start;
		visit(this.#document, {
			Scalar: (_key, { type, range }) => {
				if (type?.startsWith("QUOTE") && range && range[0] < start && range[1] >= start) opened = range[0];
			},
		});
		return opened === start
			? { start, message }
			: { start: opened, message: "the quote that begins here does not end" };
	}

	#placeAt(offset: number): TextPlace {
		const line = this.#lineStarts.findLastIndex((start) => start <= offset);
		return { line: line + 1, column: offset - (this.#lineStarts[line] ?? 0) + 1 };
	}
}

/** The pair of that name: the last, if it stands more than once. */
export function pairOf(map: YAMLMap, name: string): Pair | undefined {
	return map.items.findLast(({ key }) => isScalarKey(key) && String(key.value) === name);
}

/** Where the key of a pair begins and ends. */
export function keyRange({ key }: Pair): readonly [start: number, end: number] | undefined {
	return isScalarKey(key) && key.range ? [key.range[0], key.range[1]] : undefined;
}

function isScalarKey(key: unknown): key is Scalar {
	return yamlLibrary().isScalar(key);
}
