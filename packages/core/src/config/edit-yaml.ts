import type { Pair, YAMLMap } from "yaml";
import { isSection } from "./document.ts";
import { dotted, type Path } from "./path.ts";
import { parseSimpleYaml } from "./simple-yaml.ts";
import { yamlLibrary } from "./yaml-library.ts";
import { keyRange, pairOf, YamlText } from "./yaml-text.ts";

/** What can be put into a configuration. */
export type EditedValue = string | number | boolean | readonly string[];

/** A text that cannot be changed as asked. The message says what to do by hand. */
export class YamlEditError extends Error {
	override readonly name = "YamlEditError";
}

/**
 * The text with another value at a place, which is made where it is missing. Everything else stays as it is, to the
 * letter: comments, order, blank lines, line ends. Throws a `YamlEditError` where that cannot be.
 */
export function setInYaml(text: string, path: Path, value: EditedValue): string {
	return editYaml(text, path, value, (editor) => editor.set(path, value));
}

/** The text without what stands at a place, nor what only held that. Throws a `YamlEditError` where that cannot be. */
export function removeFromYaml(text: string, path: Path): string {
	return editYaml(text, path, undefined, (editor) => editor.remove(path));
}

function editYaml(
	text: string,
	path: Path,
	value: EditedValue | undefined,
	edit: (editor: YamlEditor) => string,
): string {
	const mark = text.startsWith("\uFEFF") ? "\uFEFF" : "";
	const before = text.slice(mark.length);
	const edited = edit(new YamlEditor(before));
	if (edited === before) return text;
	// What comes out is read again: whatever an edit may have missed is never written.
	const wanted = withValue(Bun.YAML.parse(before), path, value);
	if (!Bun.deepEquals(withoutNothing(readAgain(edited)), withoutNothing(wanted))) {
		throw new YamlEditError(`${dotted(path)} cannot be changed there without changing more; change it by hand`);
	}
	return mark + edited;
}

function readAgain(text: string): unknown {
	try {
		return Bun.YAML.parse(text);
	} catch {
		return undefined;
	}
}

class YamlEditor {
	readonly #yaml: YamlText;
	readonly #newline: string;

	constructor(private readonly text: string) {
		this.#yaml = new YamlText(text);
		this.#newline = text.includes("\r\n") ? "\r\n" : "\n";
		const [fault] = this.#yaml.faults;
		if (fault) {
			throw new YamlEditError(`the file is no YAML (line ${fault.line}, column ${fault.column}: ${fault.text})`);
		}
	}

	set(path: Path, value: EditedValue): string {
		const { isMap } = yamlLibrary();
		const { root } = this.#yaml;
		if (isNull(root)) return this.#insertLines(this.#endOfText(root), this.#entry(path, value, ""));
		let map: unknown = root;
		for (const [at, name] of path.entries()) {
			if (!isMap(map)) throw this.#notASection(path.slice(0, at));
			const pair = pairOf(map, name);
			const rest = path.slice(at);
			if (!pair) return this.#insert(map, rest, value);
			if (rest.length === 1) return this.#replace(pair, value, map.flow === true);
			if (isNull(pair.value)) return this.#fill(pair, rest.slice(1), value, map.flow === true);
			map = pair.value;
		}
		throw this.#notASection(path);
	}

	remove(path: Path): string {
		const { isMap } = yamlLibrary();
		let map: unknown = this.#yaml.root;
		let removed: { map: YAMLMap; pair: Pair } | undefined;
		for (const name of path) {
			if (!isMap(map)) return this.text;
			const pair = pairOf(map, name);
			if (!pair) return this.text;
			// A section goes with the last thing in it, unless somebody wrote a comment there.
			const isOnly = map.items.length === 1 && removed !== undefined && !this.#hasComment(removed.pair);
			if (!isOnly) removed = { map, pair };
			map = pair.value;
		}
		if (!removed) return this.text;
		return removed.map.flow ? this.#removeInFlow(removed.map, removed.pair) : this.#removeLines(removed.pair);
	}

	/** Put a new pair, and what has to be around it, at the end of a map. */
	#insert(map: YAMLMap, path: Path, value: EditedValue): string {
		const last = map.items.at(-1);
		if (map.flow || !last) {
			const [start, end] = rangeOf(map);
			const entry = this.#flowEntry(path, value);
			if (!last) return this.#splice(start, end, `{ ${entry} }`);
			const at = this.#endOfPair(last);
			return this.#splice(at, at, `, ${entry}`);
		}
		const [first = last] = map.items;
		return this.#insertLines(this.#endOfPair(last), this.#entry(path, value, this.#indentOf(first)));
	}

	/** Put pairs under a key that has nothing yet. */
	#fill(pair: Pair, path: Path, value: EditedValue, isInFlow: boolean): string {
		const colon = this.#afterColon(pair);
		const end = Math.max(colon, this.#endOfPair(pair));
		if (isInFlow) return this.#splice(colon, end, ` { ${this.#flowEntry(path, value)} }`);
		const emptied = new YamlEditor(this.#splice(colon, end, ""));
		return emptied.#insertLines(colon, emptied.#entry(path, value, this.#indentOf(pair) + this.#step()));
	}

	#replace(pair: Pair, value: EditedValue, isInFlow: boolean): string {
		const { isCollection, isScalar, isSeq } = yamlLibrary();
		const node = pair.value;
		const colon = this.#afterColon(pair);
		if (isNull(node)) return this.#splice(colon, Math.max(colon, this.#endOfPair(pair)), ` ${valueText(value)}`);
		if (isCollection(node) && !node.flow && !isInFlow) {
			const isList = isSeq(node) && typeof value === "object" && value.length > 0;
			if (!isList) return this.#splice(colon, this.#endOf(node), ` ${valueText(value)}`);
			const [start] = rangeOf(node);
			const indent = this.text.slice(this.#lineStart(start), start);
			const items = value.map((each) => `- ${valueText(each)}`).join(this.#newline + indent);
			return this.#splice(start, this.#endOf(node), items);
		}
		const [start, end] = rangeOf(node);
		const isBlock = isScalar(node) && node.type?.startsWith("BLOCK") === true;
		const ending = isBlock && this.text[end - 1] === "\n" ? this.#newline : "";
		return this.#splice(start, end, valueText(value) + ending);
	}

	#removeLines(pair: Pair): string {
		this.#indentOf(pair);
		const [start] = keyRange(pair) ?? [0];
		return this.#splice(this.#lineStart(start), this.#lineEnd(this.#endOfPair(pair)), "");
	}

	#removeInFlow(map: YAMLMap, pair: Pair): string {
		const at = map.items.indexOf(pair);
		const [start] = keyRange(pair) ?? [0];
		const [next, previous] = [map.items[at + 1], map.items[at - 1]];
		const nextStart = next && keyRange(next)?.[0];
		if (nextStart !== undefined) return this.#splice(start, nextStart, "");
		if (previous) return this.#splice(this.#endOfPair(previous), this.#endOfPair(pair), "");
		return this.#splice(...rangeOf(map), "{}");
	}

	/** Lines that say `path: value`, each with its line end. */
	#entry(path: Path, value: EditedValue, indent: string): string {
		const [name = "", ...rest] = path;
		const key = `${indent}${keyText(name)}:`;
		if (rest.length === 0) return `${key} ${valueText(value)}${this.#newline}`;
		return `${key}${this.#newline}${this.#entry(rest, value, indent + this.#step())}`;
	}

	#flowEntry(path: Path, value: EditedValue): string {
		const [name = "", ...rest] = path;
		return `${keyText(name)}: ${rest.length === 0 ? valueText(value) : `{ ${this.#flowEntry(rest, value)} }`}`;
	}

	/** Put whole lines behind the line of an offset. */
	#insertLines(after: number, lines: string): string {
		const at = after === 0 ? 0 : this.#lineEnd(after);
		const isOpen = at > 0 && this.text[at - 1] !== "\n";
		return this.#splice(at, at, isOpen ? this.#newline + lines.trimEnd() : lines);
	}

	#splice(start: number, end: number, inserted: string): string {
		return this.text.slice(0, start) + inserted + this.text.slice(end);
	}

	/** The blanks before a key that begins its line; anything else before it is beyond us. */
	#indentOf(pair: Pair): string {
		const [start] = keyRange(pair) ?? [0];
		const before = this.text.slice(this.#lineStart(start), start);
		if (before.trim() !== "")
			throw new YamlEditError(`line ${this.#lineOf(start)} is too intricate; change it by hand`);
		return before;
	}

	/** By how much the file indents. */
	#step(): string {
		return /^( +)\S/m.exec(this.text)?.[1] ?? "  ";
	}

	#afterColon(pair: Pair): number {
		const [, end] = keyRange(pair) ?? [0, 0];
		return this.text.indexOf(":", end) + 1;
	}

	#endOfPair(pair: Pair): number {
		return isNull(pair.value) && nullLength(pair.value) === 0 ? this.#afterColon(pair) : this.#endOf(pair.value);
	}

	/** Where a value ends, comments and line ends behind it left aside. */
	#endOf(node: unknown): number {
		const { isMap, isSeq } = yamlLibrary();
		if (isMap(node) && !node.flow) {
			const last = node.items.at(-1);
			if (last) return this.#endOfPair(last);
		}
		if (isSeq(node) && !node.flow && node.items.length > 0) return this.#endOf(node.items.at(-1));
		return rangeOf(node)[1];
	}

	#hasComment(pair: Pair): boolean {
		const [start] = keyRange(pair) ?? [0];
		return this.text.slice(start, this.#endOfPair(pair)).includes("#");
	}

	/** Where lines can be added to a text that says nothing. */
	#endOfText(root: unknown): number {
		if (root !== null && nullLength(root) > 0) throw new YamlEditError("the file says null; change it by hand");
		return this.text.length;
	}

	#lineStart(offset: number): number {
		return this.text.lastIndexOf("\n", offset - 1) + 1;
	}

	/** Where the line ends of which the character before the offset is part. */
	#lineEnd(offset: number): number {
		if (offset > 0 && this.text[offset - 1] === "\n") return offset;
		const end = this.text.indexOf("\n", offset);
		return end < 0 ? this.text.length : end + 1;
	}

	#lineOf(offset: number): number {
		return this.text.slice(0, offset).split("\n").length;
	}

	#notASection(path: Path): YamlEditError {
		const place = this.#yaml.placeOf(path);
		const where = path.length === 0 ? "the file" : `${dotted(path)} (line ${place?.line})`;
		return new YamlEditError(`${where} is no section with settings under it; change it by hand`);
	}
}

function rangeOf(node: unknown): [start: number, end: number] {
	const { isNode } = yamlLibrary();
	if (!isNode(node) || !node.range) throw new YamlEditError("the file is too intricate; change it by hand");
	return [node.range[0], node.range[1]];
}

function isNull(node: unknown): boolean {
	return node === null || (yamlLibrary().isScalar(node) && node.value === null);
}

/** How many characters say null. */
function nullLength(node: unknown): number {
	if (node === null) return 0;
	const [start, end] = rangeOf(node);
	return end - start;
}

function keyText(name: string): string {
	return /^[A-Za-z_][\w.-]*$/.test(name) && !/^(true|false|null|y|n|yes|no|on|off)$/i.test(name)
		? name
		: JSON.stringify(name);
}

/** A value as it stands behind a key, so that older readers of the file take it for the same. */
function valueText(value: EditedValue): string {
	if (typeof value === "object") return `[${value.map(valueText).join(", ")}]`;
	if (typeof value !== "string") return String(value);
	const isPlain =
		/^[\p{L}\p{N}_./@+:-]+(?: [\p{L}\p{N}_./@+:-]+)*$/u.test(value) &&
		readAgain(`k: ${value}`) !== undefined &&
		Bun.deepEquals(readAgain(`k: ${value}`), { k: value }) &&
		parseSimpleYaml(`k: ${value}`).k === value;
	return isPlain ? value : JSON.stringify(value);
}

/** A document with another value at a place; undefined: with none. */
function withValue(document: unknown, [name, ...rest]: Path, value: EditedValue | undefined): unknown {
	if (name === undefined) return value;
	const section = isSection(document) ? document : {};
	return { ...section, [name]: withValue(section[name], rest, value) };
}

/** A document without what says nothing: no edit has to preserve that. */
function withoutNothing(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(withoutNothing);
	if (!isSection(value)) return value ?? undefined;
	const entries = Object.entries(value)
		.map(([name, inner]) => [name, withoutNothing(inner)] as const)
		.filter(([, inner]) => inner !== undefined);
	return entries.length === 0 ? undefined : Object.fromEntries(entries);
}
