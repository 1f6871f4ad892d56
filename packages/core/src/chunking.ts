/** Cutting a long text into pieces small enough to be found and shown by themselves. */

const SENTENCE_END = /(?<=[.!?])\s+/u;

/**
 * Sentences packed into chunks of about `targetChars` UTF-16 code units. A sentence is cut only when it is longer than
 * twice the target, so a chunk has at most that many; the pieces of a cut sentence stand alone. No chunk is empty.
 */
export function chunkBySentence(text: string, targetChars: number): string[] {
	const chunks: string[] = [];
	let current = "";
	for (const sentence of text.split(SENTENCE_END).filter((piece) => piece !== "")) {
		const isOverlong = sentence.length > 2 * targetChars;
		const joined = current === "" ? sentence : `${current} ${sentence}`;
		if (!isOverlong && (joined.length <= targetChars || current === "")) {
			current = joined;
			continue;
		}
		chunks.push(current);
		if (isOverlong) chunks.push(...slice(sentence, targetChars));
		current = isOverlong ? "" : sentence;
	}
	chunks.push(current);
	return chunks.map((chunk) => chunk.trim()).filter((chunk) => chunk !== "");
}

/** Pieces of at most `length` code units, never between the two halves of a character. */
function slice(text: string, length: number): string[] {
	const pieces: string[] = [];
	for (let start = 0; start < text.length; ) {
		const end = wholeCharacters(text, start + length);
		pieces.push(text.slice(start, end));
		start = end;
	}
	return pieces;
}

/** `end`, or one less where a cut there would part a surrogate pair. */
export function wholeCharacters(text: string, end: number): number {
	if (end >= text.length) return text.length;
	const last = text.charCodeAt(end - 1);
	return last >= 0xd800 && last <= 0xdbff && end > 1 ? end - 1 : end;
}
