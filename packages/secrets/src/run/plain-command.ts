/** What a shell would do more with than to hand it on. Inside double quotes some of it means nothing. */
const ACTIVE = /[;&|`<>(){}[\]*?~#!\n\r\\]/;
const ACTIVE_IN_QUOTES = /[`\\!]/;

/**
 * The words of a shell command that is only words: no second command, no redirection, nothing that is computed but the
 * values of variables, which stay as they are written. Undefined for any other, of which nobody can say what it runs.
 * Outside of quotes only `given` variables may stand: the shell has some of its own, such as `IFS`, whose values divide
 * one word into two.
 */
export function wordsOf(command: string, given: ReadonlySet<string>): string[] | undefined {
	const words: string[] = [];
	let word: string | undefined;
	for (let at = 0; at < command.length; at++) {
		const character = command[at] ?? "";
		if (character === " " || character === "\t") {
			if (word !== undefined) words.push(word);
			word = undefined;
		} else if (character === "'" || character === '"') {
			const end = command.indexOf(character, at + 1);
			const quoted = end < 0 ? undefined : command.slice(at + 1, end);
			if (quoted === undefined || (character === '"' && !isInert(quoted, ACTIVE_IN_QUOTES))) return undefined;
			word = (word ?? "") + quoted;
			at = end;
		} else {
			const end = endOfRun(command, at);
			const run = command.slice(at, end);
			if (!isInert(run, ACTIVE, given)) return undefined;
			word = (word ?? "") + run;
			at = end - 1;
		}
	}
	if (word !== undefined) words.push(word);
	const [first] = words;
	// `NAME=value command` changes the environment of what it runs, and `$NAME` may be anything.
	return first === undefined || /[=$]/.test(first) ? undefined : words;
}

/** The end of what is neither white space nor quoted. */
function endOfRun(command: string, from: number): number {
	let at = from;
	while (at < command.length && !/[ \t'"]/.test(command[at] ?? "")) at++;
	return at;
}

/** Whether a shell takes a text as it is, but for variables by their names: those, or without any named, all. */
function isInert(text: string, active: RegExp, variables?: ReadonlySet<string>): boolean {
	const rest = text.replace(/\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})/g, (written, bare, braced) =>
		!variables || variables.has(bare ?? braced) ? "" : written,
	);
	return !active.test(rest) && !rest.includes("$");
}

/** In the place of all further words of a pattern. */
const ANY_MORE = "...";

/**
 * Whether words are what a pattern says: word for word, where `*` stands for anything within a word, and `...` at the end
 * for any further words.
 */
export function isLike(words: readonly string[], pattern: string): boolean {
	const wanted = pattern.trim().split(/\s+/);
	const isOpen = wanted.at(-1) === ANY_MORE;
	if (isOpen) wanted.pop();
	if (words.length < wanted.length || (!isOpen && words.length > wanted.length)) return false;
	return wanted.every((each, at) => isWordLike(words[at] ?? "", each));
}

function isWordLike(word: string, pattern: string): boolean {
	const [first = "", ...parts] = pattern.split("*");
	const last = parts.pop();
	if (last === undefined) return word === first;
	if (!word.startsWith(first)) return false;
	let at = first.length;
	for (const part of parts) {
		const found = word.indexOf(part, at);
		if (found < 0) return false;
		at = found + part.length;
	}
	return word.length - last.length >= at && word.endsWith(last);
}
