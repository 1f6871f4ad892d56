import { type NormalisedContent, textFingerprint, type World } from "@signet/core";
import {
	ABSENCE_KEY,
	type Absence,
	addAbsent,
	isAbsent,
	type Reader,
	readState,
	removeAbsent,
	type Writer,
	writeState,
} from "@signet/db";

const KEY_BYTES = 32;

/** Whether a text was erased for good, or forgotten so long ago that its row is gone. */
export async function isAbsentText(reader: Reader, absence: Absence, content: NormalisedContent): Promise<boolean> {
	const key = await readState(reader, ABSENCE_KEY);
	return key !== undefined && (await isAbsent(reader, absence, textFingerprint(key, content)));
}

/** Whether a text was erased for good or forgotten so long ago that its row is gone, as one look. */
export async function isAbsentAnyhow(reader: Reader, content: NormalisedContent): Promise<boolean> {
	const key = await readState(reader, ABSENCE_KEY);
	if (key === undefined) return false;
	const fingerprint = textFingerprint(key, content);
	return (await isAbsent(reader, "erased", fingerprint)) || (await isAbsent(reader, "forgotten", fingerprint));
}

/** Keep in mind that a text must not come back: by a hash under a key of this workspace, which says nothing by itself. */
export async function rememberAbsent(
	writer: Writer,
	absence: Absence,
	content: NormalisedContent,
	{ random, at }: { random: Pick<World["random"], "bytes">; at: string },
): Promise<void> {
	let key = await readState(writer, ABSENCE_KEY);
	if (key === undefined) {
		key = Buffer.from(random.bytes(KEY_BYTES)).toString("hex");
		await writeState(writer, ABSENCE_KEY, key);
	}
	await addAbsent(writer, absence, textFingerprint(key, content), at);
}

/** Let a text be kept again. */
export async function allowAgain(writer: Writer, absence: Absence, content: NormalisedContent): Promise<void> {
	const key = await readState(writer, ABSENCE_KEY);
	if (key !== undefined) await removeAbsent(writer, absence, textFingerprint(key, content));
}
