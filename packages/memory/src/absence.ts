import { keyedHash, type NormalisedContent, type World } from "@signet/core";
import {
	type Absence,
	addAbsent,
	isAbsent,
	type Reader,
	readState,
	removeAbsent,
	type Writer,
	writeState,
} from "@signet/db";

const KEY = "erasure-key";
const KEY_BYTES = 32;

/** Whether a text was erased for good, or forgotten so long ago that its row is gone. */
export async function isAbsentText(reader: Reader, absence: Absence, content: NormalisedContent): Promise<boolean> {
	const key = await readState(reader, KEY);
	return key !== undefined && (await isAbsent(reader, absence, fingerprintOf(key, content)));
}

/** Whether a text was erased for good or forgotten so long ago that its row is gone, as one look. */
export async function isAbsentAnyhow(reader: Reader, content: NormalisedContent): Promise<boolean> {
	const key = await readState(reader, KEY);
	if (key === undefined) return false;
	const fingerprint = fingerprintOf(key, content);
	return (await isAbsent(reader, "erased", fingerprint)) || (await isAbsent(reader, "forgotten", fingerprint));
}

/** Keep in mind that a text must not come back: by a hash under a key of this workspace, which says nothing by itself. */
export async function rememberAbsent(
	writer: Writer,
	absence: Absence,
	content: NormalisedContent,
	{ random, at }: { random: Pick<World["random"], "bytes">; at: string },
): Promise<void> {
	let key = await readState(writer, KEY);
	if (key === undefined) {
		key = Buffer.from(random.bytes(KEY_BYTES)).toString("hex");
		await writeState(writer, KEY, key);
	}
	await addAbsent(writer, absence, fingerprintOf(key, content), at);
}

/** Let a text be kept again. */
export async function allowAgain(writer: Writer, absence: Absence, content: NormalisedContent): Promise<void> {
	const key = await readState(writer, KEY);
	if (key !== undefined) await removeAbsent(writer, absence, fingerprintOf(key, content));
}

function fingerprintOf(key: string, { normalised }: NormalisedContent): string {
	return keyedHash(key, normalised);
}
