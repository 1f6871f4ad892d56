import {
	EVERYTHING,
	invalidRequest,
	isoTime,
	type NormalisedContent,
	normaliseContent,
	type World,
} from "@signet/core";
import {
	findActiveByHash,
	findAllForgottenByHash,
	findByIdempotencyKey,
	findMemory,
	insertPortable,
	type MemoryRow,
	type MemoryUpdate,
	type PortableRow,
	type PortableValue,
	putTurn,
	type Turn,
	updateMemory,
	type Writer,
} from "@signet/db";
import { allowAgain, isAbsentText } from "./absence.ts";
import { type Actor, isRetired } from "./actor.ts";
import { changedRow, isForgotten, versionOf } from "./change.ts";
import { recordEvent } from "./event.ts";
import { joinTags } from "./join-tags.ts";

/**
 * A memory as it stood elsewhere, under its own id and at its own version, with its `position` and `role` if it was a turn
 * of a conversation. Columns that are left out get defaults.
 */
export type ForeignMemory = PortableRow & { readonly id: string; readonly content: string };

export interface AdoptOptions {
	readonly world: Pick<World, "clock" | "random">;
	/** The columns that memories have here. */
	readonly columns: ReadonlySet<string>;
	/** Take even what was forgotten or erased here; whoever asks has to say so. */
	readonly isRevived: boolean;
	/** Whether a memory has come along with this one: that it was forgotten there says nothing of what is wanted here. */
	readonly hasComeAlong: (id: string) => Promise<boolean>;
}

/** Forgotten memories of one content that are looked at. */
const LOOKED_AT = 100;

/**
 * What became of it: as it was elsewhere, in the place of an older version, or nothing, because it is here already
 * (under an id of its own) or was forgotten here.
 */
export type Adopted =
	/** `before`: it was here, and forgotten. */
	| { readonly outcome: "created"; readonly memory: MemoryRow; readonly before?: MemoryRow }
	/** `isHeldUp`: it would be updated, if another memory did not say that already. */
	| { readonly outcome: "same"; readonly memory: MemoryRow; readonly isHeldUp?: boolean }
	| { readonly outcome: "updated"; readonly memory: MemoryRow; readonly before: MemoryRow }
	| { readonly outcome: "forgotten" | "erased"; readonly memory?: never };

/**
 * The second half of the one way in: a memory that comes with a past keeps its id, its version, its times, and that it
 * was forgotten. What is known, forgotten or erased here stays so, as with `ingest`. Belongs inside a write.
 */
export async function adopt(
	writer: Writer,
	foreign: ForeignMemory,
	actor: Actor,
	options: AdoptOptions,
): Promise<Adopted> {
	const content = normaliseContent(foreign.content);
	if (await isAbsentText(writer, "erased", content)) {
		if (!options.isRevived) return { outcome: "erased" };
		await allowAgain(writer, "erased", content);
	}
	const known = await findMemory(writer, foreign.id, EVERYTHING);
	if (known) return merge(writer, known, foreign, actor, options);
	if (foreign.is_deleted !== 1) {
		const twin = await findActiveByHash(writer, content.hash);
		if (twin) return { outcome: "same", memory: twin };
		if (!options.isRevived && (await isForgottenHere(writer, content, options))) return { outcome: "forgotten" };
	}
	const isInserted = await insertPortable(writer, "memories", options.columns, {
		...withDefaults(foreign, options),
		content_hash: content.hash,
		normalized_content: content.normalised,
		idempotency_key: await freeKey(writer, foreign.idempotency_key),
	});
	if (!isInserted) throw invalidRequest("what it says of itself does not fit together");
	await putTurn(writer, foreign.id, turnOf(foreign));
	return { outcome: "created", memory: await changedRow(writer, foreign.id) };
}

async function isForgottenHere(
	writer: Writer,
	content: NormalisedContent,
	{ hasComeAlong }: AdoptOptions,
): Promise<boolean> {
	for (const { id, updated_by } of await findAllForgottenByHash(writer, content.hash, LOOKED_AT)) {
		if (!isRetired({ updatedBy: updated_by }) && !(await hasComeAlong(id))) return true;
	}
	return isAbsentText(writer, "forgotten", content);
}

/**
 * Of two versions of one memory the later wins, with the tags of both; the version that comes of it is later than either,
 * so that it is not merged again.
 */
async function merge(
	writer: Writer,
	known: MemoryRow,
	foreign: ForeignMemory,
	actor: Actor,
	{ world, isRevived }: AdoptOptions,
): Promise<Adopted> {
	const isBack =
		isForgotten(known) && foreign.is_deleted !== 1 && (isRevived || isRetired({ updatedBy: known.updated_by }));
	if (isForgotten(known) && !isBack) {
		return foreign.is_deleted === 1 ? { outcome: "same", memory: known } : { outcome: "forgotten" };
	}
	const foreignVersion = isVersion(foreign.version ?? 1) ? Number(foreign.version ?? 1) : 1;
	const isLater = foreignVersion > versionOf(known);
	const content = normaliseContent(foreign.content);
	const twin = await findActiveByHash(writer, content.hash);
	if ((!isLater && !isBack) || foreign.is_deleted === 1) return { outcome: "same", memory: known };
	if (twin && twin.id !== known.id) return { outcome: "same", memory: known, isHeldUp: true };
	const update = differencesOf(known, foreign, content);
	if (!isBack && Object.keys(update).length === 0) return { outcome: "same", memory: known };
	await updateMemory(writer, known.id, {
		...update,
		...(isBack && { forgottenAt: null }),
		laterThan: foreignVersion,
		updatedAt: isoTime(world.clock.now()),
		updatedBy: textOf(foreign.updated_by) ?? actor.changedBy,
	});
	// Nobody has had it since an import was taken back: it comes again as it is told now.
	if (isBack && isRetired({ updatedBy: known.updated_by })) await putTurn(writer, known.id, turnOf(foreign));
	const after = await changedRow(writer, known.id);
	const event = isBack ? "recovered" : "merged";
	const metadata = { foreignVersion };
	await recordEvent(writer, world, { event, before: known, after, actor, reason: "imported", metadata });
	return { outcome: isBack ? "created" : "updated", memory: after, before: known };
}

/** What the other version says otherwise. */
function differencesOf(
	known: MemoryRow,
	{ tags: foreignTags, type, importance, pinned }: ForeignMemory,
	content: NormalisedContent,
): Pick<MemoryUpdate, "content" | "tags" | "type" | "importance" | "pinned"> {
	const tags = joinTags(known.tags, textOf(foreignTags));
	return {
		// Other white space is no other text: old rows hold it as it was given.
		...(normaliseContent(known.content).storage !== content.storage && { content }),
		...(tags !== undefined && { tags }),
		...(typeof type === "string" && type !== "" && type !== known.type && { type }),
		...(typeof importance === "number" && isShare(importance) && importance !== known.importance && { importance }),
		...(isFlag(pinned ?? null) && pinned !== known.pinned && { pinned: pinned === 1 }),
	};
}

/** What the reference's own bundles leave out; and nothing that a column does not stand for. */
function withDefaults(foreign: ForeignMemory, { world }: AdoptOptions): PortableRow {
	const now = isoTime(world.clock.now());
	const createdAt = textOf(foreign.created_at) ?? now;
	const stated = Object.entries(foreign).filter(([name, value]) => (NUMBERS[name] ?? isTextOrNull)(value));
	return {
		type: "fact",
		confidence: 0.8,
		importance: 0.3,
		source_type: "import",
		pinned: 0,
		version: 1,
		is_deleted: 0,
		...Object.fromEntries(stated),
		created_at: createdAt,
		updated_at: textOf(foreign.updated_at) ?? createdAt,
		updated_by: textOf(foreign.updated_by) ?? "import",
	};
}

/** What it says of itself as a turn, as far as that can be meant. */
function turnOf({ position = null, role = null }: ForeignMemory): Turn {
	const isPlace = typeof position === "number" && position >= 0 && position <= Number.MAX_SAFE_INTEGER;
	const name = textOf(role)?.trim() ?? "";
	return { position: isPlace ? position : null, role: name === "" ? null : name };
}

type Check = (value: PortableValue) => boolean;
const isShare: Check = (value) => typeof value === "number" && value >= 0 && value <= 1;
const isFlag: Check = (value) => value === 0 || value === 1;
const isCount: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 0;
const isTextOrNull: Check = (value) => value === null || typeof value === "string";

/** No memory was changed so often; beyond that, versions could not be told apart. */
const MAX_VERSION = 1e12;
const isVersion: Check = (value) => isCount(value) && Number(value) >= 1 && Number(value) <= MAX_VERSION;

/** Columns that hold numbers, by what numbers they hold. */
const NUMBERS: Readonly<Record<string, Check>> = {
	confidence: isShare,
	importance: isShare,
	access_count: isCount,
	update_count: isCount,
	version: isVersion,
	manual_override: isFlag,
	pinned: isFlag,
	is_deleted: isFlag,
	// A null is not what its default is.
	type: (value) => typeof value === "string" && value !== "",
	vector_clock: (value) => typeof value === "string",
};

/** An idempotency key is one memory's, forgotten or not. */
async function freeKey(writer: Writer, key: PortableValue | undefined): Promise<string | null> {
	const text = textOf(key);
	return text !== null && !(await findByIdempotencyKey(writer, text)) ? text : null;
}

function textOf(value: PortableValue | undefined): string | null {
	return typeof value === "string" ? value : null;
}
