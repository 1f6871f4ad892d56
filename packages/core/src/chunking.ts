/** Cutting a long text into pieces small enough to be found and shown by themselves. */

/** A piece of a text: `text.slice(start, end)`, in UTF-16 code units. */
export interface Span {
	readonly start: number;
	readonly end: number;
}

const SENTENCE = /\S(?:.*?[.!?](?=\s)|.*$)/gsu;

/**
 * Sentences packed into chunks of about `targetChars` code units. A sentence is cut only when it is longer than twice
 * the target, so a chunk has at most that many; the pieces of a cut sentence stand alone. No chunk is empty, begins or
 * ends with white space, and together they hold every other character.
 */
export function chunkBySentence(text: string, targetChars: number): Span[] {
	const chunks: Span[] = [];
	let current: Span | undefined;
	for (const sentence of sentences(text)) {
		const isOverlong = sentence.end - sentence.start > 2 * targetChars;
		const joined: Span = { start: current?.start ?? sentence.start, end: sentence.end };
		if (!isOverlong && (!current || joined.end - joined.start <= targetChars)) {
			current = joined;
			continue;
		}
		if (current) chunks.push(current);
		if (isOverlong) chunks.push(...slices(text, sentence, targetChars));
		current = isOverlong ? undefined : sentence;
	}
	if (current) chunks.push(current);
	return chunks;
}

/** `end`, or one less where a cut there would part a surrogate pair. */
export function wholeCharacters(text: string, end: number): number {
	if (end >= text.length) return text.length;
	const last = text.charCodeAt(end - 1);
	return last >= 0xd800 && last <= 0xdbff && end > 1 ? end - 1 : end;
}

function* sentences(text: string): Iterable<Span> {
	for (const match of text.matchAll(SENTENCE)) {
		const span = trimmed(text, match.index, match.index + match[0].length);
		if (span) yield span;
	}
}

/** Pieces of at most `length` code units. */
function* slices(text: string, { start, end }: Span, length: number): Iterable<Span> {
	for (let from = start; from < end; ) {
		const to = Math.min(end, wholeCharacters(text, from + length));
		const span = trimmed(text, from, to);
		if (span) yield span;
		from = to;
	}
}

function trimmed(text: string, start: number, end: number): Span | undefined {
	const piece = text.slice(start, end);
	const lead = piece.length - piece.trimStart().length;
	const length = piece.trim().length;
	return length > 0 ? { start: start + lead, end: start + lead + length } : undefined;
}
