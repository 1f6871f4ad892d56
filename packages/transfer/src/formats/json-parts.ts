import { statSync } from "node:fs";
import { messageOf } from "@signet/core";
import type { Progress } from "./found.ts";
import { JsonScanner } from "./json-scanner.ts";

/** A part of a JSON file with its value, or why it has none. */
export type ParsedPart = { readonly name: string; readonly item?: number } & (
	| { readonly value: unknown }
	| { readonly why: string }
);

/** What is known of a file beside its parts, as far as it was read. */
export interface JsonShape {
	outermost: "list" | "object" | undefined;
	/** One value stands behind the other. */
	hasMore: boolean;
}

/**
 * The members of a JSON file, and one by one the items of those that are lists and are wanted so. Throws when the file is
 * no UTF-8 text, neither a list nor an object, or ends too early.
 */
export async function* jsonParts(
	path: string,
	{ isList, progress, shape }: { isList: (name: string) => boolean; progress: Progress; shape?: JsonShape },
): AsyncGenerator<ParsedPart> {
	progress.total += statSync(path).size;
	const scanner = new JsonScanner(isList);
	const decoder = new TextDecoder("utf-8", { fatal: true });
	const scan = (bytes?: Uint8Array) => {
		try {
			return scanner.push(bytes ? decoder.decode(bytes, { stream: true }) : decoder.decode());
		} catch (error) {
			throw new Error(`${path} is no JSON: ${error instanceof TypeError ? "it is no UTF-8 text" : messageOf(error)}`);
		}
	};
	for await (const bytes of Bun.file(path).stream()) {
		progress.done += bytes.byteLength;
		const parts = scan(bytes);
		if (shape) Object.assign(shape, { outermost: scanner.outermost, hasMore: scanner.hasMore });
		for (const part of parts) yield parsed(part);
		if (scanner.hasMore) return;
	}
	for (const part of scan()) yield parsed(part);
	if (!scanner.isDone) throw new Error(`${path} is no JSON: it ends too early`);
}

function parsed({ text, ...part }: ReturnType<JsonScanner["push"]>[number]): ParsedPart {
	if (text === undefined) return { ...part, why: "it is too long" };
	try {
		return { ...part, value: JSON.parse(text) };
	} catch {
		// What the parser says quotes the part, and the account of an import is kept.
		return { ...part, why: "it is no JSON" };
	}
}
