import { sha256Hex, type World } from "@signet/core";
import {
	type Database,
	deletePiece,
	type FilePiece,
	findMemory,
	hasPiece,
	putFile,
	putPiece,
	readPieces,
	type Writer,
} from "@signet/db";
import { applyForget, FILE_KEEPER, ingest } from "@signet/memory";
import { draftsOf, type FileDraft } from "./file-drafts.ts";
import type { FoundFile } from "./found-files.ts";

/** Pieces remembered or retired in one commit. */
const BATCH = 16;

export interface FileKeeperContext {
	readonly database: Database;
	readonly world: Pick<World, "clock" | "random" | "timers">;
	/** Asked at each file. */
	readonly isExtracted: () => boolean;
}

/**
 * Bring memory in step with what a file says now: new pieces are remembered, those that it does not have any more are
 * retired. What was broken off begins again the next time, and does nothing twice.
 */
export async function keepFile(context: FileKeeperContext, file: FoundFile, text: string): Promise<void> {
	const { database, world } = context;
	const { path, mtimeMs, size } = file;
	const drafts = draftsOf(file, text);
	const known = await database.read((reader) => readPieces(reader, path));
	const knownIds = new Set(known.map(({ sourceId }) => sourceId));
	const ids = new Set(drafts.map(({ sourceId }) => sourceId));
	const added = drafts.filter(({ sourceId }) => !knownIds.has(sourceId));
	const gone = known.filter(({ sourceId }) => !ids.has(sourceId));
	const inBatches = async <T>(items: readonly T[], work: (writer: Writer, item: T) => Promise<void>) => {
		for (let at = 0; at < items.length; at += BATCH) {
			await database.write(async (writer) => {
				for (const item of items.slice(at, at + BATCH)) await work(writer, item);
			});
			await world.timers.yield();
		}
	};
	await inBatches(added, (writer, draft) => addPiece(writer, context, path, draft));
	await inBatches(gone, (writer, piece) => retirePiece(writer, context, file, piece));
	await database.write((writer) => putFile(writer, { path, mtimeMs, size, hash: sha256Hex(text) }));
}

async function addPiece(
	writer: Writer,
	{ world, isExtracted }: FileKeeperContext,
	path: string,
	{ sourceId, draft }: FileDraft,
): Promise<void> {
	const { memory } = await ingest(writer, draft, FILE_KEEPER, {
		world,
		isExtracted: isExtracted(),
		origin: "found",
	});
	await putPiece(writer, path, { sourceId, memoryId: memory?.id ?? null });
}

/** Only what came from this file and is as it came is taken back: what somebody has changed or pinned is theirs. */
async function retirePiece(
	writer: Writer,
	{ world }: FileKeeperContext,
	{ path }: FoundFile,
	{ sourceId, memoryId }: FilePiece,
): Promise<void> {
	await deletePiece(writer, path, sourceId);
	const memory = memoryId === null ? undefined : await findMemory(writer, memoryId);
	if (!memory || memory.source_id !== sourceId || (await hasPiece(writer, memory.id))) return;
	const isUntouched = memory.updated_by === memory.who || memory.updated_by === FILE_KEEPER.changedBy;
	if (!isUntouched || memory.pinned === 1) return;
	const reason = `${path} does not say it any more`;
	await applyForget(writer, world, { id: memory.id, reason, force: false }, FILE_KEEPER);
}
