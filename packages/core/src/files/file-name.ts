import { isPrivateName } from "./private-names.ts";
import { RefusedFile } from "./refused-file.ts";

const MAX_PART_BYTES = 255;
const MAX_NAME_BYTES = 1_024;
const MAX_PARTS = 32;

/** What has a meaning of its own in a path on some system, and what cannot be seen or turns the text around. */
const UNSAFE_CHARACTERS = /[\\:*?"<>|]|\p{Cc}|\p{Cf}|\p{Zl}|\p{Zp}/u;
/** Windows opens a device by these names, whatever their ending and whatever blanks stand before it. */
const DEVICE = /^(?:con|prn|aux|nul|com[\d¹²³]|lpt[\d¹²³]|conin\$|conout\$)\s*(?:\.|$)/i;
/** The short names that Windows gives to long ones: `SECRET~1` may be `.secrets`. */
const SHORT_NAME = /~\d+(?:\.|$)/;

/**
 * The name of a file or folder below a folder that is not named here. There are two ways to get one, and nothing else
 * opens files whose names come from elsewhere: what a request, an archive or another file says is judged strictly, by
 * the rules of all systems at once; what was found on the disk is as it is there. Neither can mean anything outside of
 * the folder, and neither names what is nobody's business (`isPrivateName`).
 */
export class FileName {
	private constructor(readonly parts: readonly [string, ...string[]]) {}

	/** What somebody calls a file; its parts are divided by `/`. Throws a `RefusedFile`. */
	static given(text: string): FileName {
		const refuse = (why: string): never => {
			throw new RefusedFile("unsafe_name", `${quoted(text)} cannot be the name of a file here: ${why}`);
		};
		if (!text.isWellFormed()) refuse("it is no Unicode text");
		if (Buffer.byteLength(text) > MAX_NAME_BYTES) refuse(`it has more than ${MAX_NAME_BYTES} bytes`);
		if (UNSAFE_CHARACTERS.test(text)) refuse("it has a character that has another meaning in names, or none");
		const parts = text.split("/");
		if (parts.length > MAX_PARTS) refuse(`it has more than ${MAX_PARTS} parts`);
		for (const part of parts) {
			if (part === "" || part === "." || part === "..") refuse("it must lie below the folder, without . and ..");
			if (/^ |[ .]$/.test(part)) refuse("a part must not begin or end with a blank, nor end with a dot");
			if (DEVICE.test(part) || SHORT_NAME.test(part)) refuse("Windows has another meaning for it");
		}
		return FileName.#of(parts);
	}

	/** What the listing of a folder said. Throws a `RefusedFile` for what no listing says. */
	static found(...parts: readonly string[]): FileName {
		for (const part of parts) {
			if (part === "" || part === "." || part === ".." || /[/\0]/.test(part)) {
				throw new RefusedFile("unsafe_name", `${quoted(part)} is no name of a file`);
			}
		}
		return FileName.#of(parts);
	}

	static #of(parts: readonly string[]): FileName {
		const [first, ...others] = parts;
		if (first === undefined) throw new RefusedFile("unsafe_name", "an empty text is no name of a file");
		if (parts.some((part) => Buffer.byteLength(part) > MAX_PART_BYTES)) {
			throw new RefusedFile(
				"unsafe_name",
				`a part of ${quoted(parts.join("/"))} has more than ${MAX_PART_BYTES} bytes`,
			);
		}
		if (isPrivateName(parts)) {
			throw new RefusedFile("private_file", `${quoted(parts.join("/"))} is private: keys and passwords are kept there`);
		}
		return new FileName([first, ...others]);
	}

	/** The folders that lead to it. */
	get folders(): readonly string[] {
		return this.parts.slice(0, -1);
	}

	/** Its own name, without folders. */
	get base(): string {
		return this.parts.at(-1) ?? this.parts[0];
	}

	toString(): string {
		return this.parts.join("/");
	}
}

/** A name as it can be shown: nothing that is not seen, and not without end. */
function quoted(text: string): string {
	return JSON.stringify(text.length > 100 ? `${text.slice(0, 100).toWellFormed()}…` : text.toWellFormed());
}
