import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { gunzipSync, inflateSync } from "node:zlib";
import { folderOf, NOVELS, type Source } from "./sources.ts";

/** The English sentences of a package: paragraphs without mark-up, code, tables and other languages, each once. */

const LARGEST_FILE = 8_000_000;
const SHORTEST = 30;
const LONGEST = 20_000;
const FEWEST_WORDS = 7;
/** English has about two in five words of these, code and other languages hardly any. */
const COMMON = new Set(
	"the of and to a in is it that for on with as be this by are or an from at not you if can which when has have will was i".split(
		" ",
	),
);
const LEAST_COMMON = 0.22;

const PAGE = /\.x?html?(?:\.en)?(?:\.gz)?$/;
const PLAIN = /\.(?:txt|md|rst|pod|text|adoc)(?:\.gz)?$|README|\/man\/man\d\//;
const OTHER_LANGUAGE = /\/(?!en\b)(?:[a-z]{2}|[a-z]{2}[-_][A-Z]{2})\//;
const LEGAL = /copyright|changelog/i;

const HIDDEN = /<!--[\s\S]*?-->|<(script|style|pre|svg|head)\b[\s\S]*?<\/\1>/gi;
const BLOCK =
	/<\/?(?:p|div|li|ul|ol|dl|dt|dd|h\d|table|tr|td|th|br|section|article|blockquote|hr|nav|header|footer|main|body)\b[^>]*>/gi;
const ENTITIES: Readonly<Record<string, string>> = {
	amp: "&",
	lt: "<",
	gt: ">",
	quot: '"',
	apos: "'",
	rsquo: "'",
	lsquo: "'",
	mdash: " - ",
	ndash: "-",
};

export function paragraphsOf(workFolder: string, source: Source): string[] {
	const kept = new Set<string>();
	const folder = folderOf(workFolder, source);
	for (const name of filesUnder(folder).sort()) {
		const isPage = PAGE.test(name);
		if ((!isPage && !PLAIN.test(name)) || OTHER_LANGUAGE.test(name) || LEGAL.test(name)) continue;
		const file = join(folder, name);
		const bytes = readFileSync(file);
		if (bytes.length > LARGEST_FILE) continue;
		const text = (file.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
		keepProse(isPage ? withoutMarkUp(text) : text, kept);
	}
	return [...kept];
}

/** The lines of the novels stand as counted strings in compressed pages of a file of R; an empty line ends a paragraph. */
export function paragraphsOfNovels(workFolder: string): string[] {
	const file = join(folderOf(workFolder, NOVELS), "usr/lib/R/site-library/janeaustenr/data/Rdata.rdb");
	const bytes = readFileSync(file);
	const kept = new Set<string>();
	for (let at = 0; at + 1 < bytes.length; at++) {
		if (bytes[at] !== 0x78 || bytes[at + 1] !== 0x9c) continue;
		const page = inflated(bytes.subarray(at));
		if (page) keepProse(linesOf(page).join("\n"), kept);
	}
	return [...kept];
}

const STRING_TYPE = 9;
const LONGEST_LINE = 400;

function linesOf(page: Buffer): string[] {
	const lines: string[] = [];
	for (let at = 0; at + 8 < page.length; ) {
		const length = page.readInt32BE(at + 4);
		const isString = page[at] === 0 && page[at + 2] === 0 && page[at + 3] === STRING_TYPE;
		if (isString && length >= 0 && length < LONGEST_LINE && at + 8 + length <= page.length) {
			lines.push(page.toString("utf8", at + 8, at + 8 + length));
			at += 8 + length;
		} else at++;
	}
	return lines;
}

/** Undefined where two bytes only look like the beginning of a compressed page. */
function inflated(bytes: Buffer): Buffer | undefined {
	try {
		return inflateSync(bytes);
	} catch {
		return undefined;
	}
}

function keepProse(text: string, kept: Set<string>): void {
	for (const piece of text.replaceAll("\r", "").split(/\n\s*\n/)) {
		const paragraph = piece.replace(/\s+/g, " ").trim();
		if (paragraph.length >= SHORTEST && paragraph.length <= LONGEST && isProse(paragraph)) kept.add(paragraph);
	}
}

function isProse(paragraph: string): boolean {
	const words = paragraph.toLowerCase().match(/[a-z']+/g) ?? [];
	const common = words.filter((word) => COMMON.has(word)).length;
	return words.length >= FEWEST_WORDS && common > LEAST_COMMON * words.length;
}

function withoutMarkUp(page: string): string {
	return page
		.replace(HIDDEN, "\n\n")
		.replace(BLOCK, "\n\n")
		.replace(/<[^>]+>/g, "")
		.replace(/&(#?\w+);/g, (_, name: string) => ENTITIES[name] ?? characterOf(name));
}

function characterOf(name: string): string {
	const code = name.startsWith("#x") ? Number.parseInt(name.slice(2), 16) : Number.parseInt(name.slice(1), 10);
	return name.startsWith("#") && code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : " ";
}

/** Their paths from the folder on. */
function filesUnder(folder: string): string[] {
	return readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}
