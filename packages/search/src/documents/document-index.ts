import { chunkBySentence, parseTags, parseTime, type Timers, uuidOf } from "@signet/core";
import {
	type ChangedMemory,
	changedMemories,
	countChanges,
	countDocuments,
	type Database,
	deleteDocument,
	documentsOf,
	insertDocument,
	markAllChanged,
	type NewDocument,
	type PendingDocument,
	readState,
	type StoredDocument,
	settleChange,
	updateDocumentWords,
	type Writer,
	writeState,
} from "@signet/db";
import { TOKENISER_VERSION, tokenise } from "../lexical/tokenise.ts";

/** Memories brought up to date within one commit. The rest follows in commits of its own. */
const MAX_MEMORIES_PER_COMMIT = 128;

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
		const changed = await changedMemories(writer, MAX_MEMORIES_PER_COMMIT);
		const added: PendingDocument[] = [];
		const removed: number[] = [];
		for (const memory of changed) {
			const change = await this.#updateMemory(writer, memory);
			added.push(...change.added);
			removed.push(...change.removed);
			await settleChange(writer, memory.memoryId);
		}
		const isBehind = changed.length === MAX_MEMORIES_PER_COMMIT && (await countChanges(writer)) > 0;
		return () => {
			this.#passes++;
			this.#isBehind = isBehind;
			this.#documentCount += added.length - removed.length;
			if (added.length > 0 || removed.length > 0 || isBehind) this.options.onDocumentsChanged({ added, removed });
		};
	}

	/** Documents whose text is still the same are kept, and with them their vectors. */
	async #updateMemory(writer: Writer, memory: ChangedMemory): Promise<DocumentsChanged> {
		const { content, memoryId, embeddingModel } = memory;
		const stored = await documentsOf(writer, memoryId);
		const parts = content === null ? [] : divide({ ...memory, content }, this.options.chunkSizes());
		const kept = new Map<number, StoredDocument>();
		const removed: number[] = [];
		for (const document of stored) {
			if (parts[document.chunk]?.fingerprint === document.fingerprint) {
				kept.set(document.chunk, document);
			} else {
				await deleteDocument(writer, document.doc);
				removed.push(document.doc);
			}
		}
		const added: PendingDocument[] = [];
		const labels = [...parseTags(memory.tags), memory.who ?? "", memory.project ?? "", dayInWords(memory.createdAt)];
		const wordsFrom = fingerprintOf(`${TOKENISER_VERSION} ${labels.join(" ")}`);
		for (const part of parts) {
			const known = kept.get(part.chunk);
			if (known?.wordsFrom === wordsFrom) continue;
			const text = content?.slice(part.start, part.end) ?? "";
			const tokens = tokenise(text);
			const words = { words: bounded([...tokens, ...tokenise(labels.join(" "))]), wordCount: tokens.length, wordsFrom };
			if (known) {
				await updateDocumentWords(writer, known.doc, words);
				continue;
			}
			const doc = await insertDocument(writer, { ...part, ...words });
			added.push({ doc, memoryId, embeddingHash: part.embeddingHash, text, rowModel: embeddingModel });
		}
		return { added, removed };
	}
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
