import type { Timers } from "@signet/core";
import { type Database, looseContexts, type OrderedContext, orderedContexts } from "@signet/db";
import { Mark } from "./marks.ts";

/** A document as it stands in its conversation now. */
export interface PlacedDocument {
	readonly doc: number;
	/** A hash of the session's name; null outside of any. */
	readonly session: number | null;
	/** The document before it in its session; 0 when it is the first. */
	readonly before: number;
	/** The document after it, where there is none before; 0 when it is the only one. */
	readonly after: number;
	readonly speaker: number;
	readonly marks: number;
}

const ROWS_AT_A_TIME = 5_000;
const GROWTH = 1.25;
const SMALLEST = 1024;

/**
 * Who said what after what, for every document, in memory: 17 bytes each. Ranking looks at the neighbours of all that it
 * finds, and to read them would take longer than all the rest. Loaded on first use, kept in step by `placed` and `removed`.
 */
export class Conversations {
	#previous = new Int32Array(0);
	#next = new Int32Array(0);
	/** Numbers of sessions from 1 on, in the order in which they came; 0 outside of any. */
	#session = new Int32Array(0);
	#speaker = new Int32Array(0);
	#marks = new Uint8Array(0);
	readonly #numbers = new Map<number, number>();
	/** Documents that are rules, in the order in which they came. */
	readonly #rules = new Set<number>();
	/** What changed while loading; undefined once everything is there. */
	#waiting: { placed: PlacedDocument[]; removed: number[] } | undefined;
	#loading: Promise<void> | undefined;

	constructor(
		private readonly database: Pick<Database, "read">,
		private readonly timers: Pick<Timers, "yield">,
	) {}

	/** Resolves when all contexts are there. Cheap after the first time. Rejects when the storage fails. */
	ready(): Promise<void> {
		this.#loading ??= this.#load().catch((error: unknown) => {
			this.#loading = undefined;
			throw error;
		});
		return this.#loading;
	}

	/** The document before it in its session; 0 when there is none. */
	previous(doc: number): number {
		return this.#previous[doc] ?? 0;
	}

	/** The document after it in its session; 0 when there is none. */
	next(doc: number): number {
		return this.#next[doc] ?? 0;
	}

	/** The number of its session; 0 outside of any. */
	session(doc: number): number {
		return this.#session[doc] ?? 0;
	}

	/** A hash of the name of who said it; 0 when nobody is named. */
	speaker(doc: number): number {
		return this.#speaker[doc] ?? 0;
	}

	marks(doc: number): number {
		return this.#marks[doc] ?? 0;
	}

	/** The rules that were stored last, the last first. */
	rules(limit: number): number[] {
		return [...this.#rules].slice(-limit).reverse();
	}

	/** Take in documents that are new, or stand elsewhere now. */
	placed(documents: readonly PlacedDocument[]): void {
		if (!this.#loading) return;
		if (this.#waiting) this.#waiting.placed.push(...documents);
		else for (const document of documents) this.#place(document);
	}

	removed(docs: readonly number[]): void {
		if (!this.#loading) return;
		if (this.#waiting) this.#waiting.removed.push(...docs);
		else for (const doc of docs) this.#remove(doc);
	}

	async #load(): Promise<void> {
		const waiting = { placed: [], removed: [] };
		this.#waiting = waiting;
		await this.#loadSessions();
		await this.#loadLoose();
		this.#waiting = undefined;
		this.placed(waiting.placed);
		this.removed(waiting.removed);
	}

	async #loadSessions(): Promise<void> {
		let last: OrderedContext | undefined;
		for (;;) {
			const rows = await this.database.read((reader) => orderedContexts(reader, last, ROWS_AT_A_TIME));
			for (const row of rows) {
				this.#place({ ...row, before: last?.session === row.session ? last.doc : 0, after: 0 });
				last = row;
			}
			if (rows.length < ROWS_AT_A_TIME) return;
			await this.timers.yield();
		}
	}

	async #loadLoose(): Promise<void> {
		for (let lastDoc = 0; ; ) {
			const rows = await this.database.read((reader) => looseContexts(reader, lastDoc, ROWS_AT_A_TIME));
			for (const row of rows) this.#place({ ...row, session: null, before: 0, after: 0 });
			lastDoc = rows.at(-1)?.doc ?? lastDoc;
			if (rows.length < ROWS_AT_A_TIME) return;
			await this.timers.yield();
		}
	}

	#place({ doc, session, before, after, speaker, marks }: PlacedDocument): void {
		if (doc >= this.#marks.length) this.#grow(doc + 1);
		this.#remove(doc);
		this.#speaker[doc] = speaker;
		this.#marks[doc] = marks;
		if ((marks & Mark.RULE) !== 0) this.#rules.add(doc);
		if (session === null) return;
		this.#session[doc] = this.#numberOf(session);
		// A neighbour may have gone since.
		if (before !== 0 && this.session(before) === this.#session[doc]) {
			this.#link(doc, this.next(before));
			this.#link(before, doc);
		} else if (after !== 0 && this.session(after) === this.#session[doc]) this.#link(doc, after);
	}

	#remove(doc: number): void {
		if (doc >= this.#marks.length) return;
		const previous = this.previous(doc);
		const next = this.next(doc);
		if (previous !== 0 || next !== 0) this.#link(previous, next);
		this.#previous[doc] = 0;
		this.#next[doc] = 0;
		this.#session[doc] = 0;
		this.#speaker[doc] = 0;
		this.#marks[doc] = 0;
		this.#rules.delete(doc);
	}

	/** Let one follow the other; 0 stands for none. */
	#link(first: number, second: number): void {
		if (first !== 0) this.#next[first] = second;
		if (second !== 0) this.#previous[second] = first;
	}

	#numberOf(session: number): number {
		const known = this.#numbers.get(session);
		if (known !== undefined) return known;
		this.#numbers.set(session, this.#numbers.size + 1);
		return this.#numbers.size;
	}

	#grow(length: number): void {
		const size = Math.max(length, SMALLEST, Math.ceil(this.#marks.length * GROWTH));
		this.#previous = grown(this.#previous, new Int32Array(size));
		this.#next = grown(this.#next, new Int32Array(size));
		this.#session = grown(this.#session, new Int32Array(size));
		this.#speaker = grown(this.#speaker, new Int32Array(size));
		this.#marks = grown(this.#marks, new Uint8Array(size));
	}
}

function grown<Numbers extends Int32Array | Uint8Array>(from: Numbers, to: Numbers): Numbers {
	to.set(from);
	return to;
}
