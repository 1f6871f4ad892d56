/** How much of values is looked for. Lengths are in UTF-16 code units. */
export interface PartLimits {
	/** A shorter value is not looked for. */
	readonly minValueChars: number;
	/** Of a value of several lines, shorter lines are not looked for by themselves. */
	readonly minLineChars: number;
	/** Whether lines without both a letter and a digit are not looked for by themselves: they are often words. */
	readonly areLinesMixed: boolean;
}

/** A piece of a value that is looked for by itself. */
export interface ValuePart {
	readonly text: string;
	/** It goes on where another piece ends. */
	readonly isContinued: boolean;
	/** Whether its encoded forms are looked for too. */
	readonly isEncoded: boolean;
}

/** A longer text is looked for piece by piece: what is cut off at its beginning or end hides the rest no longer. */
const PIECE_BYTES = 192;
/** Of a text that is longer than that, only as much at its beginning and at its end is looked for. */
const MAX_TEXT_CHARS = 65_536;
/** As long as the head by which a form is noticed. */
const RUN = /^(.)\1{23}/su;
const MAX_RUNS = 8;
/** The frame of a key file. It is in every one of them. */
const ARMOUR = /^-----(?:BEGIN|END) [^-]*-----$/;
/** `NAME=value` and `name: value`, with or without quotes. */
const ASSIGNMENT = /^(?:export\s+)?["']?[A-Za-z_][\w.-]*["']?\s*[=:]\s*(["']?)(.+?)\1[,;]?$/;

/**
 * What to look for so that a value does not go by: all of it, its lines, and both of them backwards; with its accents
 * within its letters and beside them, since systems and keyboards differ in that.
 */
export function partsOf(value: string, limits: PartLimits): ValuePart[] {
	if (value.length < limits.minValueChars) return [];
	const spellings = [value, value.normalize("NFC"), value.normalize("NFD")];
	const wholes = spellings.flatMap((text) => [text, text.trim(), text.trim().replace(/\s+/g, " ")]);
	const texts = new Set(wholes.filter((text) => text.length >= limits.minValueChars));
	for (const line of spellings.flatMap(linesOf)) if (isTelling(line, limits)) texts.add(line);
	const parts = [...texts].flatMap((text) => [
		...piecesOf(text).map((piece) => ({ ...piece, isEncoded: true })),
		...piecesOf([...text].reverse().join("")).map((piece) => ({ ...piece, isEncoded: false })),
	]);
	return withFewRuns(parts);
}

/** What begins with one character over and over is noticed at each byte of such a text, so that only a few may. */
function withFewRuns(parts: readonly ValuePart[]): ValuePart[] {
	let runs = 0;
	return parts.filter(({ text }) => !RUN.test(text) || ++runs <= MAX_RUNS);
}

function linesOf(value: string): string[] {
	const lines = value.split(/\r\n|\n|\r/);
	if (lines.length < 2) return [];
	return lines
		.map((line) => line.trim())
		.filter((line) => !ARMOUR.test(line))
		.flatMap((line) => [line, ASSIGNMENT.exec(line)?.[2] ?? line]);
}

function isTelling(line: string, { minLineChars, areLinesMixed }: PartLimits): boolean {
	return line.length >= minLineChars && (!areLinesMixed || (/\p{L}/u.test(line) && /\d/.test(line)));
}

function piecesOf(text: string): Omit<ValuePart, "isEncoded">[] {
	if (text.length > 2 * MAX_TEXT_CHARS) {
		return [text.slice(0, MAX_TEXT_CHARS), text.slice(-MAX_TEXT_CHARS)].flatMap(piecesOf);
	}
	const pieces: string[] = [];
	let piece = "";
	let bytes = 0;
	for (const character of text) {
		piece += character;
		bytes += Buffer.byteLength(character);
		if (bytes < PIECE_BYTES) continue;
		pieces.push(piece);
		piece = "";
		bytes = 0;
	}
	// A short rest would be found too easily.
	if (bytes < PIECE_BYTES / 2 && pieces.length > 0) pieces.push((pieces.pop() ?? "") + piece);
	else pieces.push(piece);
	return pieces.map((each, at) => ({ text: each, isContinued: at > 0 }));
}
