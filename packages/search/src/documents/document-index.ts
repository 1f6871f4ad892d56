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
	putLexiconEntry,
	readState,
	type StoredDocument,
	settleChange,
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
	readonly added: readonly number[];
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
		const added: number[] = [];
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
		const stored = await documentsOf(writer, memory.memoryId);
		const wanted =
			memory.content === null ? [] : divide({ ...memory, content: memory.content }, this.options.chunkSizes());
		const added: number[] = [];
		const removed: number[] = [];
		for (const document of stored) {
			if (isKept(document, wanted)) continue;
			await deleteDocument(writer, document.doc);
			removed.push(document.doc);
		}
		const labels = words([...parseTags(memory.tags), memory.who ?? "", memory.project ?? ""].join(" "));
		const day = words(dayInWords(memory.createdAt));
		for (const document of wanted) {
			const kept = stored.find(
				({ chunk, fingerprint }) => chunk === document.chunk && fingerprint === document.fingerprint,
			);
			const doc = kept?.doc ?? (await insertDocument(writer, document));
			if (!kept) added.push(doc);
			const text = words(memory.content?.slice(document.start, document.end) ?? "");
			await putLexiconEntry(writer, { doc, text, labels, day });
		}
		return { added, removed };
	}
}

function isKept(document: StoredDocument, wanted: readonly NewDocument[]): boolean {
	return wanted[document.chunk]?.fingerprint === document.fingerprint;
}

/** The documents of a memory: itself, or its chunks when it is long. */
export function divide(
	{ memoryId, content, contentHash }: { memoryId: string; content: string; contentHash: string | null },
	{ maxContentChars, chunkTargetChars }: ChunkSizes,
): NewDocument[] {
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

function words(text: string): string {
	return tokenise(text).join(" ");
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
