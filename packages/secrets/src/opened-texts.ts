import { type Opened, openAt, type Unopened } from "./opening.ts";
import { placeOf, sealedTextsOf } from "./sealed-texts.ts";
import type { Key } from "./sealing.ts";
import type { StoredFile } from "./stored-file.ts";

/** A text of ours in a file, and what came of opening it. */
export interface OpenedText {
	readonly name: string;
	readonly opened: Opened | Unopened;
}

/** Open the texts of ours in a file. What is not proved to belong there was put there by somebody else. */
export function openTexts(file: StoredFile, keys: readonly Key[]): OpenedText[] {
	return [...sealedTextsOf(file)].map(([name, sealed]) => {
		const opened = openAt(placeOf(name), sealed, keys);
		return { name, opened: typeof opened !== "string" && !opened.isBound ? "moved" : opened };
	});
}
