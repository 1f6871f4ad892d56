import { EVERYTHING, sha256Hex, type TextGuard, type World } from "@signet/core";
import {
	type Database,
	deleteFile,
	deletePiece,
	type FilePiece,
	findActiveBySource,
	findMemory,
	hasPiece,
	type MemoryRow,
	putFile,
	putPiece,
	readPieces,
	readTwinPieces,
	type Writer,
} from "@signet/db";
import { applyForget, FILE_KEEPER, ingest } from "@signet/memory";
import { draftsOf, type FileDraft, isFileSource, textHashOf } from "./file-drafts.ts";
import type { FoundFile } from "./found-files.ts";

/** Pieces remembered or retired in one commit. */
const BATCH = 16;

export interface FileKeeperContext {
	readonly database: Pick<Database, "read" | "write">;
	readonly world: Pick<World, "clock" | "random" | "timers">;
	/** Keeps the values of secrets out of what is remembered. */
	readonly guard: TextGuard;
	/** Asked at each file. */
	readonly isExtracted: () => boolean;
}

/**
 * Bring memory in step with what a file says now: new pieces are remembered, those that it does not have any more are
 * retired. What was broken off begins again the next time, and does nothing twice.
 */
export async function keepFile(context: FileKeeperContext, file: FoundFile, text: string): Promise<void> {
	const { database } = context;
	const { path, mtimeMs, size } = file;
	const hash = sha256Hex(text);
	const drafts = draftsOf(file, text, await context.guard.ready());
	const known = await database.read((reader) => readPieces(reader, path));
	const knownIds = new Set(known.map(({ sourceId }) => sourceId));
	const ids = new Set(drafts.map(({ sourceId }) => sourceId));
	const added = drafts.filter(({ sourceId }) => !knownIds.has(sourceId));
	const gone = known.filter(({ sourceId }) => !ids.has(sourceId));
	const pieces = added.length > 0 ? await database.read((reader) => readTwinPieces(reader, { path, hash })) : [];
	const twins = new Map(pieces.map((piece) => [textHashOf(piece.sourceId), piece]));
	await inBatches(context, added, (writer, draft) => addPiece(writer, context, path, draft, twins));
	await inBatches(context, gone, (writer, piece) => retirePiece(writer, context, path, piece));
	await database.write((writer) => putFile(writer, { path, mtimeMs, size, hash }));
}

/** Retire what a file said that is not there any more; what another file says too stays. */
export async function retireFile(context: FileKeeperContext, path: string): Promise<void> {
	const { database } = context;
	const pieces = await database.read((reader) => readPieces(reader, path));
	await inBatches(context, pieces, (writer, piece) => retirePiece(writer, context, path, piece));
	await database.write((writer) => deleteFile(writer, path));
}

async function inBatches<T>(
	{ database, world }: FileKeeperContext,
	items: readonly T[],
	work: (writer: Writer, item: T) => Promise<void>,
): Promise<void> {
	for (let at = 0; at < items.length; at += BATCH) {
		await database.write(async (writer) => {
			for (const item of items.slice(at, at + BATCH)) await work(writer, item);
		});
		await world.timers.yield();
	}
}

async function addPiece(
	writer: Writer,
	{ world, isExtracted }: FileKeeperContext,
	path: string,
	{ sourceId, draft }: FileDraft,
	twins: ReadonlyMap<string, FilePiece>,
): Promise<void> {
	const twin = twins.get(textHashOf(sourceId));
	// Forgotten, or asked for by somebody: under this name as under the other.
	if (twin?.memoryId === null) return putPiece(writer, path, { sourceId, memoryId: null });
	const changed = await findChanged(writer, { sourceId, draft }, twin);
	if (changed) return putPiece(writer, path, { sourceId, memoryId: changed.id });
	const { memory } = await ingest(writer, draft, FILE_KEEPER, {
		world,
		isExtracted: isExtracted(),
		origin: "found",
	});
	await putPiece(writer, path, { sourceId, memoryId: memory?.id ?? null });
}

/**
 * The memory that was made of the same text, for a file of the same name or one that says the same, and that somebody
 * has changed since. The text must neither take the place of that change nor come back beside it, nor after it was
 * forgotten.
 */
async function findChanged(
	writer: Writer,
	{ sourceId, draft }: FileDraft,
	twin: FilePiece | undefined,
): Promise<MemoryRow | undefined> {
	const isChanged = (memory: MemoryRow | undefined) =>
		memory !== undefined && memory.content_hash !== draft.content.hash;
	const known = await findActiveBySource(writer, draft.sourceType, sourceId, EVERYTHING);
	if (isChanged(known)) return known;
	const memory = twin?.memoryId ? await findMemory(writer, twin.memoryId, EVERYTHING) : undefined;
	return isChanged(memory) ? memory : undefined;
}

/** Only what came from a file and is as it came is taken back: what somebody has changed or pinned is theirs. */
async function retirePiece(
	writer: Writer,
	{ world }: FileKeeperContext,
	path: string,
	{ sourceId, memoryId }: FilePiece,
): Promise<void> {
	await deletePiece(writer, path, sourceId);
	const memory = memoryId === null ? undefined : await findMemory(writer, memoryId, EVERYTHING);
	if (!memory || !isFileSource(memory) || (await hasPiece(writer, memory.id))) return;
	const isUntouched = memory.updated_by === memory.who || memory.updated_by === FILE_KEEPER.changedBy;
	if (!isUntouched || memory.pinned === 1) return;
	const reason = `${path} does not say it any more`;
	await applyForget(writer, world, { id: memory.id, reason, force: false }, FILE_KEEPER);
}
