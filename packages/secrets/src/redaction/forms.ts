/** What may stand between two bytes of a form: nothing; the end of a line; that, or what separates pairs of digits. */
export const FORM_KINDS = ["plain", "base64", "hex"] as const;
export type FormKind = (typeof FORM_KINDS)[number];

/** A text as it looks after it went through some encoding. */
export interface Form {
	readonly kind: FormKind;
	readonly bytes: Uint8Array;
	/** The letter before it, or after it, is made of its bits too, and of bits of its neighbour. */
	readonly hasLeadingEdge: boolean;
	readonly hasTrailingEdge: boolean;
}

/** Shorter ones would be found everywhere; the finder looks at four bytes at a time. */
export const MIN_FORM_BYTES = 4;

const encoder = new TextEncoder();

/** The text itself and all its encoded forms, each once. */
export function formsOf(text: string): Form[] {
	const bytes = encoder.encode(text);
	const plain = [...new Set(writtenForms(text.toWellFormed()))].map((form) => formOf("plain", form));
	return [...plain, ...base64Forms(bytes), ...hexForms(bytes)].filter((form) => form.bytes.length >= MIN_FORM_BYTES);
}

/** The text itself alone, as a form. */
export function plainForm(text: string): Form {
	return formOf("plain", text);
}

function formOf(kind: FormKind, text: string, edges: { leading?: boolean; trailing?: boolean } = {}): Form {
	const { leading = false, trailing = false } = edges;
	return { kind, bytes: encoder.encode(text), hasLeadingEdge: leading, hasTrailingEdge: trailing };
}

/** As programs write it in JSON, in addresses, in HTML and in the shell. */
function writtenForms(text: string): string[] {
	return [text, ...jsonForms(text), ...urlForms(text), ...markupForms(text), ...shellForms(text)];
}

function jsonForms(text: string): string[] {
	const json = inJson(text);
	const ascii = json.replace(/[^\0-\x7f]/g, (unit) => unicodeEscape(unit));
	const asciiUpper = json.replace(/[^\0-\x7f]/g, (unit) => unicodeEscape(unit).toUpperCase().replace("\\U", "\\u"));
	// Some writers keep texts fit for HTML, some escape slashes.
	const html = json.replace(/[<>&]/g, unicodeEscape);
	const slashes = (form: string) => form.replaceAll("/", "\\/");
	return [json, ascii, asciiUpper, html, slashes(json), slashes(ascii), inJson(json)];
}

function inJson(text: string): string {
	return JSON.stringify(text).slice(1, -1);
}

function unicodeEscape(unit: string): string {
	return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

function urlForms(text: string): string[] {
	const component = encodeURIComponent(text);
	const strict = component.replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
	const form = new URLSearchParams({ "": text }).toString().slice(1);
	const forms = [component, strict, strict.replaceAll("%2F", "/"), encodeURI(text), form];
	const spaced = forms.flatMap((form) => [form, form.replaceAll("%20", "+")]);
	return spaced.flatMap((form) => [form, form.replace(/%[0-9A-F]{2}/g, (escaped) => escaped.toLowerCase())]);
}

function markupForms(text: string): string[] {
	const markup = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
	const quoted = markup.replaceAll('"', "&quot;");
	return [markup, quoted, quoted.replaceAll("'", "&#39;"), quoted.replaceAll("'", "&#x27;")];
}

function shellForms(text: string): string[] {
	return [
		text.replace(/["$`\\]/g, (mark) => `\\${mark}`),
		text.replaceAll("'", "'\\''"),
		text.replaceAll("'", `'"'"'`),
	];
}

/**
 * As it looks within the base64 of something longer: by how many bytes come before it, modulo three, in both alphabets.
 * A letter that it shares with its neighbour is an edge.
 */
function base64Forms(bytes: Uint8Array): Form[] {
	const forms = new Map<string, Form>();
	for (const before of [0, 1, 2]) {
		const padded = new Uint8Array(before + bytes.length);
		padded.set(bytes, before);
		const bits = padded.length * 8;
		const letters = Buffer.from(padded)
			.toString("base64")
			.slice(Math.ceil((before * 8) / 6), Math.floor(bits / 6));
		const edges = { leading: before > 0, trailing: bits % 6 !== 0 };
		for (const form of [letters, letters.replaceAll("+", "-").replaceAll("/", "_")]) {
			forms.set(`${before} ${form}`, formOf("base64", form, edges));
		}
	}
	return [...forms.values()];
}

function hexForms(bytes: Uint8Array): Form[] {
	const hex = Buffer.from(bytes).toString("hex");
	return [...new Set([hex, hex.toUpperCase()])].map((form) => formOf("hex", form));
}
