import { EVERYTHING, isoTime, normaliseContent, within } from "@signet/core";
import {
	deleteHistory,
	enqueueJob,
	entitiesOf,
	findActiveByHash,
	findForgottenByHash,
	findMemory,
	insertHistoryEvent,
	type MemoryRow,
	matchMemoriesFts,
	purgeMemory,
	type Reader,
	readHistoryEvents,
	readMemories,
	recountEntities,
	unfinishedErasures,
	type Writer,
} from "@signet/db";
import { rememberAbsent } from "./absence.ts";
import type { Actor } from "./actor.ts";
import {
	type ChangeRequest,
	isAutonomous,
	isForgotten,
	isOtherVersion,
	type Refusal,
	refuse,
	versionOf,
} from "./change.ts";
import { demandThawed, type MemoryContext, withCleanReason } from "./context.ts";
import { erasureJob } from "./erasures.ts";
import { verification } from "./event.ts";

const EVENTS_AT_A_TIME = 100;
/** How long an answer waits for large copies to be written anew; that goes on after it. */
const TRACES_WAIT_MS = 30_000;
/** Words by which memories of the same text are looked for, and how many of those are looked at. */
const MAX_TWIN_WORDS = 12;
const MAX_TWINS = 20;
/** Words that are looked for besides the texts. */
const MAX_WORDS = 20;
/** Words of eight letters or more, or of six with a digit among them. */
const LONG_OR_NUMBERED = /(?=[\p{L}\p{N}]*\p{N})[\p{L}\p{N}]{6,}|[\p{L}\p{N}]{8,}/gu;

export type Erasure =
	| {
			readonly id: string;
			readonly status: "erased";
			/** Copies of the database that were rewritten without it, or removed because they could not be read. */
			readonly backups: readonly string[];
			/** Why something may be left for now; it is tried again until nothing is. */
			readonly pending?: string;
			/** What was looked for afterwards, and what of it was found. */
			readonly proof?: ErasureProof;
	  }
	| Refusal;

export interface ErasureProof {
	/** Texts of the memory, and words that no other memory has. */
	readonly texts: number;
	readonly words: number;
	readonly search: unknown;
}

export interface EraseRequest extends ChangeRequest {
	/** Erase it even if it is pinned. */
	readonly force?: boolean | undefined;
}

export interface EraseOptions {
	/** Look for texts wherever they could be left; without it nothing is looked for. */
	readonly search?: ((texts: readonly string[]) => Promise<unknown>) | undefined;
}

/**
 * Remove a memory, forgotten or not, for good: its row, what it said before, its index entries and vectors, from the log
 * and from the copies made before upgrades. What is kept is that somebody did so, and a keyed hash of the texts so that
 * no program brings them back. Throws when memory is frozen by the configuration.
 */
export async function erase(
	context: MemoryContext,
	request: EraseRequest,
	actor: Actor,
	{ search }: EraseOptions = {},
): Promise<Erasure> {
	demandThawed(context);
	const { database, documents } = context;
	const clean = await withCleanReason(context, request);
	const applied = await database.write((writer) => applyErase(writer, context, clean, actor));
	if ("status" in applied) return (await isUnderWay(context, applied)) ? removeTraces(context, request.id) : applied;
	// It is committed, whatever becomes of what is derived from it: that is made good at the next change.
	await documents.complete(request.id).catch(() => undefined);
	const erased = await removeTraces(context, request.id);
	if (!search) return erased;
	const words = await database.read((reader) => wordsOfNobody(reader, applied.texts));
	const proof = {
		texts: applied.texts.length,
		words: words.length,
		search: await search([...applied.texts, ...words]),
	};
	return { ...erased, proof };
}

/** Whether it is gone already, but not all of its traces are. */
async function isUnderWay({ database }: MemoryContext, { id, status }: Refusal): Promise<boolean> {
	return status === "not_found" && (await database.read(unfinishedErasures)).includes(id);
}

async function removeTraces(
	{ erasures, world }: MemoryContext,
	id: string,
): Promise<Extract<Erasure, { backups: unknown }>> {
	const scrubbed = await within(world.timers, TRACES_WAIT_MS, erasures.removeTraces());
	const problems = scrubbed ? scrubbed.problems : ["it takes long, and goes on"];
	const pending = problems.length > 0 && { pending: problems.join("; ") };
	return { id, status: "erased", backups: scrubbed?.copies ?? [], ...pending };
}

/** Words that no memory has any more: what others say too is rightly there, and short ones stand in every file by chance. */
async function wordsOfNobody(reader: Reader, texts: readonly string[]): Promise<string[]> {
	const rare: string[] = [];
	for (const word of new Set(texts.flatMap((text) => text.match(LONG_OR_NUMBERED) ?? []))) {
		if (rare.length === MAX_WORDS) break;
		const filter = { scope: EVERYTHING };
		const others = await matchMemoriesFts(reader, { words: [word], mode: "all", filter, limit: 1 });
		if (others.length === 0 && !rare.includes(word)) rare.push(word);
	}
	return rare;
}

async function applyErase(
	writer: Writer,
	{ database, world }: MemoryContext,
	request: EraseRequest,
	actor: Actor,
): Promise<Refusal | { readonly texts: readonly string[] }> {
	const { id, reason, force } = request;
	const memory = await findMemory(writer, id, actor.scope);
	if (!memory) return { id, status: "not_found" };
	if (isOtherVersion(memory, request)) return refuse(memory, "version_conflict");
	if (memory.pinned === 1 && !isForgotten(memory) && !force) return refuse(memory, "pinned_requires_force");
	if (memory.pinned === 1 && isAutonomous(actor)) return refuse(memory, "autonomous_force_denied");
	const texts = await unsaidTexts(writer, memory);
	const at = isoTime(world.clock.now());
	for (const text of texts)
		await rememberAbsent(writer, "erased", normaliseContent(text), { random: world.random, at });
	const entities = await entitiesOf(writer, [id]);
	const vectors = await purgeMemory(writer, id);
	await deleteHistory(writer, id);
	if (vectors.length > 0) await database.vectorTable.put(writer, vectors);
	for (const text of texts) await purgeForgottenTwins(writer, normaliseContent(text).hash);
	await recountEntities(writer, entities);
	await database.eraseElsewhere(writer, { id, texts });
	await enqueueJob(writer, erasureJob(id, world));
	await insertHistoryEvent(writer, {
		id: world.random.uuid(),
		memoryId: id,
		event: "erased",
		oldContent: null,
		newContent: null,
		reason,
		metadata: { version: versionOf(memory), ...verification(actor) },
		createdAt: at,
		...actor,
	});
	return { texts };
}

/** Forgotten memories that said the same: nobody may find it there, nor bring it back. */
async function purgeForgottenTwins(writer: Writer, contentHash: string): Promise<void> {
	for (let twin = await findForgottenByHash(writer, contentHash, EVERYTHING); twin; ) {
		await purgeMemory(writer, twin.id);
		await deleteHistory(writer, twin.id);
		twin = await findForgottenByHash(writer, contentHash, EVERYTHING);
	}
}

/** What a memory says and has said, without what another one says: there it rightly is. */
async function unsaidTexts(writer: Writer, memory: MemoryRow): Promise<string[]> {
	const unsaid: string[] = [];
	for (const text of await textsOf(writer, memory)) {
		if (!(await isSaidByAnother(writer, memory.id, text))) unsaid.push(text);
	}
	return unsaid;
}

/** In old files some of those that say the same lack the hash of it: they are found by its words. */
async function isSaidByAnother(writer: Writer, id: string, text: string): Promise<boolean> {
	const active = await findActiveByHash(writer, normaliseContent(text).hash);
	if (active && active.id !== id) return true;
	const words = [...new Set(text.match(/[\p{L}\p{N}]+/gu) ?? [])].slice(0, MAX_TWIN_WORDS);
	if (words.length === 0) return false;
	const filter = { scope: EVERYTHING };
	const matches = await matchMemoriesFts(writer, { words, mode: "all", filter, limit: MAX_TWINS });
	const ids = matches.map((match) => match.id).filter((found) => found !== id);
	return (await readMemories(writer, ids, filter)).some(({ content }) => content === text);
}

async function textsOf(writer: Writer, { id, content }: MemoryRow): Promise<string[]> {
	const texts = new Set([content]);
	for (let after: number | undefined; ; ) {
		const events = await readHistoryEvents(writer, id, { order: "asc", after, limit: EVENTS_AT_A_TIME });
		for (const { oldContent, newContent } of events) {
			if (oldContent !== null) texts.add(oldContent);
			if (newContent !== null) texts.add(newContent);
		}
		if (events.length < EVENTS_AT_A_TIME) return [...texts];
		after = events.at(-1)?.sequence;
	}
}
