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

/** Beyond that, one mistake has only led to others. */
const MAX_FAULTS = 10;

/** What the library gets through in the time that a request may take. */
const MAX_CHARS = 256 * 1024;
const MAX_BRACKETS = 2_000;

interface Found {
	/** Characters before it. */
	readonly start: number;
	readonly message: string;
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
		// The library would compare each key with each other one.
		const options = { lineCounter, logLevel: "error", prettyErrors: false, uniqueKeys: false } as const;
		this.#document = parseDocument(text, options);
		this.#lineStarts = lineCounter.lineStarts;
		const faults = this.#document.errors.map(({ code, pos: [start], message }) =>
			code === "MISSING_CHAR" ? this.#openQuote({ start, message }) : { start, message },
		);
		this.faults = this.#located([...faults, ...this.#unresolvedAliases()]);
		this.repeated = this.#located(this.#repeatedKeys());
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
	#openQuote(missed: Found): Found {
		const { visit } = yamlLibrary();
		let opened: Found | undefined;
		visit(this.#document, {
			Scalar: (_key, { type, range }) => {
				if (!type?.startsWith("QUOTE") || !range || range[0] >= missed.start || range[1] < missed.start) return;
				opened = { start: range[0], message: "the quote that begins here does not end" };
			},
		});
		return opened ?? missed;
	}

	#unresolvedAliases(): Found[] {
		const { visit } = yamlLibrary();
		const unresolved: Found[] = [];
		visit(this.#document, {
			Alias: (_key, alias) => {
				if (alias.resolve(this.#document)) return;
				unresolved.push({ start: alias.range?.[0] ?? 0, message: `there is nothing that *${alias.source} stands for` });
			},
		});
		return unresolved;
	}

	#repeatedKeys(): Found[] {
		const { visit } = yamlLibrary();
		const repeated: Found[] = [];
		visit(this.#document, {
			Map: (_key, { items }) => {
				const seen = new Set<unknown>();
				for (const pair of items) {
					const name = isScalarKey(pair.key) ? pair.key.value : undefined;
					const start = keyRange(pair)?.[0];
					if (start === undefined || name === "<<") continue;
					if (seen.has(name)) repeated.push({ start, message: `${name} stands here again; the last one holds` });
					seen.add(name);
				}
			},
		});
		return repeated;
	}

	/** The first few with their places. */
	#located(found: readonly Found[]): YamlFault[] {
		return [...found]
			.sort((a, b) => a.start - b.start)
			.slice(0, MAX_FAULTS)
			.map(({ start, message }) => ({ ...this.#placeAt(start), text: message }));
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

/** A configuration text as YAML; undefined for what would take the library long, such as brackets by the thousand. */
export function yamlTextOf(text: string): YamlText | undefined {
	if (text.length > MAX_CHARS || (text.match(/[[{]/g)?.length ?? 0) > MAX_BRACKETS) return undefined;
	try {
		return new YamlText(text.replace(/^\uFEFF/, ""));
	} catch {
		return undefined;
	}
}
