import { keyedHash, type NormalisedContent } from "@signet/core";
import { addErased, isErased, type Reader, readState, removeErased, type Writer, writeState } from "@signet/db";

const KEY = "erasure-key";
const KEY_BYTES = 32;

/** Whether a text was erased for good. */
export async function isErasedText(reader: Reader, content: NormalisedContent): Promise<boolean> {
	const key = await readState(reader, KEY);
	return key !== undefined && (await isErased(reader, fingerprintOf(key, content)));
}

/** Keep in mind that a text must not come back: by a hash under a key of this workspace, which says nothing by itself. */
export async function rememberErased(
	writer: Writer,
	content: NormalisedContent,
	{ bytes, at }: { bytes: (length: number) => Uint8Array; at: string },
): Promise<void> {
	let key = await readState(writer, KEY);
	if (key === undefined) {
		key = Buffer.from(bytes(KEY_BYTES)).toString("hex");
		await writeState(writer, KEY, key);
	}
	await addErased(writer, fingerprintOf(key, content), at);
}

/** Let a text be kept again. */
export async function unerase(writer: Writer, content: NormalisedContent): Promise<void> {
	const key = await readState(writer, KEY);
	if (key !== undefined) await removeErased(writer, fingerprintOf(key, content));
}

function fingerprintOf(key: string, { normalised }: NormalisedContent): string {
	return keyedHash(key, normalised);
}
