/** A member of the outermost object, or an item of a list in it, as text that may be JSON. */
export interface JsonPart {
	/** Of the member; empty for items of an outermost list. */
	readonly name: string;
	/** From 1, for an item of a list. */
	readonly item?: number;
	/** Undefined when it is too long. */
	readonly text: string | undefined;
}

/** Longer parts are told, and not kept. In UTF-16 code units. */
const MAX_PART_CHARS = 8_000_000;

const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const OPEN_LIST = 91;
const BACKSLASH = 92;
const CLOSE_LIST = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;

/**
 * Cuts a JSON text into its members and the items of those that are lists, while it comes in, so that the whole of it is
 * never in memory. It looks at brackets, quotes and commas alone: whether a part is JSON is for its reader to see.
 */
export class JsonScanner {
	/** What the outermost value is; undefined before it has begun. */
	outermost: "list" | "object" | undefined;
	/** The outermost value has ended. */
	isDone = false;
	/** Something stands behind the outermost value. */
	hasMore = false;

	#state: "start" | "name" | "value" | "item" = "start";
	#name = "";
	#item = 0;
	#depth = 0;
	#isInText = false;
	#isEscaped = false;
	#pieces: string[] = [];
	#length = 0;
	readonly #found: JsonPart[] = [];

	/** `isList` says of which members, if they are lists, the items are wanted. */
	constructor(private readonly isList: (name: string) => boolean) {}

	/** Take more of the text; gives the parts that ended in it. Throws when the text is neither a list nor an object. */
	push(text: string): JsonPart[] {
		let from = 0;
		for (let at = 0; at < text.length; at++) {
			const code = text.charCodeAt(at);
			if (this.#isInText) {
				if (this.#isEscaped) this.#isEscaped = false;
				else if (code === BACKSLASH) this.#isEscaped = true;
				else if (code === QUOTE) this.#isInText = false;
				continue;
			}
			if (this.isDone) {
				if (isBlank(code)) continue;
				this.hasMore = true;
				break;
			}
			if (this.#state === "start") {
				if (!isBlank(code)) this.#begin(code);
				from = at + 1;
			} else if (this.#isEnd(code)) {
				this.#keep(text.slice(from, at));
				this.#end(code);
				from = at + 1;
			} else if (this.#isBeginOfList(code, text.slice(from, at))) {
				this.#state = "item";
				this.#item = 0;
				this.#drop();
				from = at + 1;
			} else this.#look(code);
		}
		if (!this.isDone && this.#state !== "start") this.#keep(text.slice(from));
		return this.#found.splice(0);
	}

	#begin(code: number): void {
		if (code !== OPEN_LIST && code !== OPEN_OBJECT) throw new Error("it is neither a list nor an object");
		this.outermost = code === OPEN_LIST ? "list" : "object";
		this.#state = code === OPEN_LIST ? "item" : "name";
	}

	#look(code: number): void {
		if (code === QUOTE) this.#isInText = true;
		else if (code === OPEN_LIST || code === OPEN_OBJECT) this.#depth++;
		else if (code === CLOSE_LIST || code === CLOSE_OBJECT) this.#depth--;
	}

	#isEnd(code: number): boolean {
		if (this.#depth > 0) return false;
		if (this.#state === "name") return code === COLON || code === CLOSE_OBJECT;
		return code === COMMA || code === CLOSE_LIST || code === CLOSE_OBJECT;
	}

	#isBeginOfList(code: number, before: string): boolean {
		const isValue = this.#state === "value" && this.#depth === 0 && code === OPEN_LIST;
		return isValue && this.isList(this.#name) && this.#length === 0 && before.trim() === "";
	}

	#end(code: number): void {
		const text = this.#length > MAX_PART_CHARS ? undefined : this.#pieces.join("").trim();
		this.#drop();
		if (this.#state === "name") {
			this.#name = nameOf(text ?? "");
			if (code === COLON) this.#state = "value";
			else this.isDone = true;
		} else if (this.#state === "item") {
			if (text !== "" || code === COMMA) this.#found.push({ name: this.#name, item: ++this.#item, text });
			if (code !== COMMA) this.#endList();
		} else {
			// Behind a list whose items were told there is nothing to tell.
			if (text !== "") this.#found.push({ name: this.#name, text });
			if (code === COMMA) this.#state = "name";
			else this.isDone = true;
		}
	}

	#endList(): void {
		if (this.outermost === "list") this.isDone = true;
		else this.#state = "value";
	}

	#keep(piece: string): void {
		// Blanks alone are not yet a part.
		if (this.#length === 0 && piece.trim() === "") return;
		this.#length += piece.length;
		if (this.#length <= MAX_PART_CHARS) this.#pieces.push(piece);
		else this.#pieces = [];
	}

	#drop(): void {
		this.#pieces = [];
		this.#length = 0;
	}
}

function isBlank(code: number): boolean {
	return code === 32 || (code >= 9 && code <= 13) || code === 0xfeff;
}

function nameOf(text: string): string {
	try {
		return String(JSON.parse(text));
	} catch {
		return text;
	}
}
