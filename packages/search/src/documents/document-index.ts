import { chunkBySentence, normaliseContent, parseTags, parseTime, type Timers, uuidOf } from "@signet/core";
import {
	type ChangedMemory,
	changedMemories,
	countChanges,
	countDocuments,
	type Database,
	deleteDocument,
	documentsOf,
	fillHash,
	insertDocument,
	isChanged,
	markAllChanged,
	moveDocument,
	type NewDocument,
	type PendingDocument,
	putContext,
	readState,
	type StoredDocument,
	settleChange,
	updateDocumentWords,
	type Writer,
	writeState,
} from "@signet/db";
import { contextOf } from "../conversation/document-context.ts";
import { isNoName } from "../conversation/marks.ts";
import type { PlacedDocument } from "../conversation/placing.ts";
import { type ContextOfDocument, placedAmong } from "../conversation/placing.ts";
import { statedMark } from "../conversation/stated-type.ts";
import type { WordsChanged } from "../lexical/postings.ts";
import { TOKENISER_VERSION, tokenise } from "../lexical/tokenise.ts";

/** Memories brought up to date within one commit. The rest follows in commits of its own. */
const MAX_MEMORIES_PER_COMMIT = 128;
/** Memories brought up to date in one turn of the loop. */
const MEMORIES_A_TURN = 16;
/** Chunks of long memories made within one commit: about ten milliseconds. */
const MAX_CHUNKS_PER_COMMIT = 32;
/** Tags, names and the day that a document is found by besides its own words. */
const MAX_LABEL_CHARS = 4_000;
const MAX_LABEL_WORDS = 100;

const TOKENISER_KEY = "tokeniser";

/** From which length on a memory is searched by the chunk, and how long those are, in UTF-16 code units. */
export interface ChunkSizes {
	readonly maxContentChars: number;
	readonly chunkTargetChars: number;
}

export interface DocumentIndexOptions {
	readonly database: Database;
	readonly timers: Pick<Timers, "yield">;
	/** Asked each time, so that a changed configuration holds for what is remembered next. */
	readonly chunkSizes: () => ChunkSizes;
	/** Told, after the commit, of the documents that came and went, or that there are more to come. */
	readonly onDocumentsChanged: (change: DocumentsChanged) => void;
}

export interface DocumentsChanged {
	readonly added: readonly PendingDocument[];
	readonly removed: readonly number[];
	/** New documents, and others that stand elsewhere in their conversation now; those of a session in their order. */
	readonly placed: readonly PlacedDocument[];
	/** Documents whose text stands elsewhere in its memory now. */
	readonly moved: readonly number[];
	readonly words: WordsChanged;
}

/**
 * Keeps `sgn_documents` and the lexicon in step with `memories`: in the same commit for what changes now, and in the
 * background for what another program changed or an older version left behind.
 */
export class DocumentIndex {
	#isBehind = false;
	#documentCount = 0;
	/** Commits in which documents were brought up to date. */
	#passes = 0;
	#catchingUp: Promise<void> | undefined;
	/** The long memory that the next commit goes on with: dividing it anew each time would take longer than the rest. */
	#unfinished: { readonly memory: ChangedMemory; readonly parts: readonly Part[] } | undefined;

	constructor(private readonly options: DocumentIndexOptions) {
		options.database.beforeCommit((writer) => this.#update(writer));
	}

	/** Whether there are memories that the lexicon does not have yet. */
	get isBehind(): boolean {
		return this.#isBehind;
	}

	/** How many documents there are. */
	get documentCount(): number {
		return this.#documentCount;
	}

	/**
	 * Look whether anything is to be done. To be called once, before the first search. Writes nothing unless another
	 * version of the tokeniser made what is there.
	 */
	async open(): Promise<void> {
		const { database } = this.options;
		const { documents, changes, tokeniser } = await database.read(async (reader) => ({
			documents: await countDocuments(reader),
			changes: await countChanges(reader),
			tokeniser: await readState(reader, TOKENISER_KEY),
		}));
		this.#documentCount = documents;
		this.#isBehind = changes > 0;
		if (tokeniser === String(TOKENISER_VERSION)) return;
		await database.write(async (writer) => {
			await markAllChanged(writer);
			await writeState(writer, TOKENISER_KEY, String(TOKENISER_VERSION));
		});
	}

	/** Bring everything up to date, giving way to other work between commits. Rejects when the storage fails. */
	catchUp(signal?: AbortSignal): Promise<void> {
		this.#catchingUp ??= this.#catchUp(signal).finally(() => {
			this.#catchingUp = undefined;
		});
		return this.#catchingUp;
	}

	/** Bring one memory up to date, giving way to other work between commits: a long one takes several. */
	async complete(memoryId: string): Promise<void> {
		const { database, timers } = this.options;
		while (this.#isBehind && (await database.read((reader) => isChanged(reader, memoryId)))) {
			await database.write(async () => undefined);
			await timers.yield();
		}
	}

	async #catchUp(signal: AbortSignal | undefined): Promise<void> {
		let before = -1;
		// A pass that failed is not tried again at once: the next commit does.
		while (this.#isBehind && !signal?.aborted && this.#passes !== before) {
			before = this.#passes;
			await this.options.database.write(async () => undefined);
			await this.options.timers.yield();
		}
	}

	async #update(writer: Writer): Promise<() => void> {
		const changed = this.#inOrder(await changedMemories(writer, MAX_MEMORIES_PER_COMMIT));
		const added: PendingDocument[] = [];
		const removed: number[] = [];
		const contexts: ContextOfDocument[] = [];
		const moved: number[] = [];
		const words: string[] = [];
		let roomForChunks = MAX_CHUNKS_PER_COMMIT;
		let isCutShort = changed.length === MAX_MEMORIES_PER_COMMIT;
		for (const [at, memory] of changed.entries()) {
			if (at % MEMORIES_A_TURN === MEMORIES_A_TURN - 1) await this.options.timers.yield();
			const change = await this.#updateMemory(writer, memory, roomForChunks);
			added.push(...change.added);
			removed.push(...change.removed);
			contexts.push(...change.contexts);
			moved.push(...change.moved);
			words.push(...change.words);
			roomForChunks -= change.chunks;
			if (change.isComplete) await settleChange(writer, memory.memoryId);
			else isCutShort = true;
		}
		const placed = await placedAmong(writer, contexts, this.options.timers);
		const isBehind = isCutShort && (await countChanges(writer)) > 0;
		return () => {
			this.#passes++;
			this.#isBehind = isBehind;
			this.#documentCount += added.length - removed.length;
			const isChanged = removed.length > 0 || placed.length > 0 || moved.length > 0;
			const isMore = removed.length > 0 || placed.length > added.length;
			const change = { added, removed, placed, moved, words: { added: words, isMore } };
			if (isChanged || isBehind) this.options.onDocumentsChanged(change);
		};
	}

	/**
	 * Short memories as they changed, one after the other: of equals in a ranking the later document is first, however
	 * many came in one commit. Then long ones, from the newest on: there is room for a few chunks only.
	 */
	#inOrder(newestFirst: readonly ChangedMemory[]): ChangedMemory[] {
		const { maxContentChars } = this.options.chunkSizes();
		const isLong = ({ content }: ChangedMemory) => content !== null && content.length > maxContentChars;
		return [...newestFirst.filter((memory) => !isLong(memory)).reverse(), ...newestFirst.filter(isLong)];
	}

	#partsOf(memory: ChangedMemory): readonly Part[] {
		const unfinished = this.#unfinished;
		this.#unfinished = undefined;
		const { memoryId, content } = memory;
		if (content === null) return [];
		const isSame = unfinished?.memory.memoryId === memoryId && unfinished.memory.content === content;
		return isSame ? unfinished.parts : divide({ ...memory, content }, this.options.chunkSizes());
	}

	/** Documents whose text is still the same are kept, and with them their vectors. */
	async #updateMemory(writer: Writer, changed: ChangedMemory, roomForChunks: number): Promise<MemoryUpdate> {
		const memory = await withHash(writer, changed);
		const { content, memoryId, embeddingModel } = memory;
		const parts = this.#partsOf(memory);
		const { kept, removed, moved } = await keepUnchanged(writer, memoryId, parts);
		const added: PendingDocument[] = [];
		const contexts: ContextOfDocument[] = [];
		const newWords: string[] = [];
		const labels = labelsOf(memory);
		let chunks = 0;
		for (const part of parts) {
			const known = kept.get(part.chunk);
			if (known?.wordsFrom === labels.fingerprint) continue;
			if (part.chunkId !== null && chunks++ >= roomForChunks) {
				this.#unfinished = { memory, parts };
				return { added, removed, contexts, moved, words: newWords, chunks: roomForChunks, isComplete: false };
			}
			const text = content?.slice(part.start, part.end) ?? "";
			const tokens = tokenise(text);
			const words = {
				words: bounded([...tokens, ...labels.words]),
				wordCount: tokens.length,
				wordsFrom: labels.fingerprint,
			};
			if (known) await updateDocumentWords(writer, known.doc, words);
			const doc = known?.doc ?? (await insertDocument(writer, { ...part, ...words }));
			const context = contextOf(memory, { chunk: part.chunk, isLast: part === parts.at(-1) });
			await putContext(writer, doc, context);
			contexts.push({ doc, ...context });
			if (known) continue;
			newWords.push(words.words);
			added.push({ doc, memoryId, embeddingHash: part.embeddingHash, text, rowModel: embeddingModel });
		}
		return { added, removed, contexts, moved, words: newWords, chunks, isComplete: true };
	}
}

interface MemoryUpdate extends Omit<DocumentsChanged, "words" | "placed"> {
	/** Of documents that are new, or stand elsewhere in their conversation now. */
	readonly contexts: readonly ContextOfDocument[];
	/** Of new documents. */
	readonly words: readonly string[];
	/** How many chunks were made. */
	readonly chunks: number;
	/** Whether nothing is left to do. */
	readonly isComplete: boolean;
}

/** A memory with its hash: some programs make none, and it is what its vector stands under. */
async function withHash(writer: Writer, memory: ChangedMemory): Promise<ChangedMemory> {
	const { memoryId, content, contentHash } = memory;
	if (contentHash !== null || content === null) return memory;
	const normalised = normaliseContent(content);
	const isFilled = normalised.storage !== "" && (await fillHash(writer, memoryId, normalised));
	return isFilled ? { ...memory, contentHash: normalised.hash } : memory;
}

/** Remove the documents whose text is not among the parts; the others stay, where their text stands now. */
async function keepUnchanged(
	writer: Writer,
	memoryId: string,
	parts: readonly Part[],
): Promise<{ kept: Map<number, StoredDocument>; removed: number[]; moved: number[] }> {
	const kept = new Map<number, StoredDocument>();
	const removed: number[] = [];
	const moved: number[] = [];
	for (const document of await documentsOf(writer, memoryId)) {
		const part = parts[document.chunk];
		// A hash that was filled in late is where other programs look for its vector.
		const isHashNew = part?.embeddingHash != null && part.embeddingHash !== document.embeddingHash;
		if (part?.fingerprint !== document.fingerprint || isHashNew) {
			await deleteDocument(writer, document.doc);
			removed.push(document.doc);
			continue;
		}
		if (part.start !== document.start || part.end !== document.end) {
			await moveDocument(writer, document.doc, part);
			moved.push(document.doc);
		}
		kept.set(document.chunk, document);
	}
	return { kept, removed, moved };
}

/** Where a folder lies on the machine: `/home/ana/code/`, `C:\\work\\`. */
const FOLDERS = /^(?:[/~]|[A-Za-z]:[\\/]).*[\\/](?=[^\\/]+[\\/]*$)/;

/** What a memory is found by besides its text. What clients put there when they know no better says nothing of it. */
function labelsOf(memory: ChangedMemory): { words: string[]; fingerprint: number } {
	const { tags, who, project, createdAt, sessionId, position, role, sourceType } = memory;
	const stated = statedMark(memory) || "";
	const author = who === null || isNoName(who) ? "" : who;
	const labels = [dayInWords(createdAt), author, (project ?? "").replace(FOLDERS, ""), ...parseTags(tags)]
		.join(" ")
		.slice(0, MAX_LABEL_CHARS);
	return {
		words: tokenise(labels).slice(0, MAX_LABEL_WORDS),
		fingerprint: fingerprintOf(
			`${TOKENISER_VERSION} ${labels} ${sessionId} ${position} ${role} ${sourceType}${stated}`,
		),
	};
}

/** A document without its words. */
type Part = Omit<NewDocument, "words" | "wordCount" | "wordsFrom">;

/** The documents of a memory: itself, or its chunks when it is long. */
export function divide(
	{ memoryId, content, contentHash }: { memoryId: string; content: string; contentHash: string | null },
	{ maxContentChars, chunkTargetChars }: ChunkSizes,
): Part[] {
	if (content.length <= maxContentChars) {
		const fingerprint = fingerprintOf(content);
		const whole = { memoryId, chunk: 0, chunkId: null, start: 0, end: content.length };
		return [{ ...whole, fingerprint, embeddingHash: contentHash }];
	}
	return chunkBySentence(content, chunkTargetChars).map(({ start, end }, chunk) => ({
		memoryId,
		chunk,
		chunkId: uuidOf(`${memoryId}/${chunk}/${content.slice(start, end)}`),
		start,
		end,
		fingerprint: fingerprintOf(content.slice(start, end)),
		embeddingHash: null,
	}));
}

/** 52 bits of a hash: a whole number that JavaScript and SQLite both hold exactly. */
function fingerprintOf(text: string): number {
	return Number(BigInt(Bun.hash(text)) & 0xf_ffff_ffff_ffffn);
}

/** Words in a row, each with a blank before and behind it. */
function bounded(tokens: readonly string[]): string {
	return ` ${tokens.join(" ")} `;
}

const MONTHS = "January February March April May June July August September October November December".split(" ");
const WEEKDAYS = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");

/** A stored time as people ask for it: `2026-05-08 8 May 2026 Friday`. */
function dayInWords(createdAt: string | null): string {
	const time = createdAt === null ? undefined : parseTime(createdAt);
	if (time === undefined) return "";
	const date = new Date(time);
	const [iso = ""] = date.toISOString().split("T");
	return `${iso} ${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()} ${WEEKDAYS[date.getUTCDay()]}`;
}
