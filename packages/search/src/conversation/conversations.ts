import type { Timers } from "@signet/core";
import { contextsOf, type Database, looseContexts, type OrderedContext, orderedContexts } from "@signet/db";
import { Mark } from "./marks.ts";
import { type PlacedDocument, placedAmong } from "./placing.ts";

const ROWS_AT_A_TIME = 5_000;
const GROWTH = 1.25;
const SMALLEST = 1024;

/**
 * Who said what after what, for every document, in memory: 25 bytes each. Ranking looks at the neighbours of all that it
 * finds, and to read them would take longer than all the rest. Loaded on first use, kept in step by `placed` and `removed`.
 */
export class Conversations {
	#previous = new Int32Array(0);
	#next = new Int32Array(0);
	/** Numbers of sessions from 1 on, in the order in which they came; 0 outside of any. */
	#session = new Int32Array(0);
	/** Places as they are in files of other programs, which may be large. */
	#stored = new Float64Array(0);
	#speaker = new Int32Array(0);
	#marks = new Uint8Array(0);
	readonly #numbers = new Map<number, number>();
	/** Documents that are rules. */
	readonly #rules = new Set<number>();
	/** The same, the last first; undefined when they have changed since. */
	#newestRules: readonly number[] | undefined;
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

	/** Below 0 when the first is to be before the second where nothing else tells: what was stored later is. */
	laterFirst(doc: number, other: number): number {
		return (this.#stored[other] ?? 0) - (this.#stored[doc] ?? 0) || other - doc;
	}

	/** A hash of the name of who said it; 0 when nobody is named. */
	speaker(doc: number): number {
		return this.#speaker[doc] ?? 0;
	}

	marks(doc: number): number {
		return this.#marks[doc] ?? 0;
	}

	/** The rules that were stored last, the last first; all, when no limit is given. */
	rules(limit?: number): number[] {
		this.#newestRules ??= [...this.#rules].sort((a, b) => this.laterFirst(a, b));
		return this.#newestRules.slice(0, limit);
	}

	/** Take in documents that are new, or stand elsewhere now; those of a session in their order. */
	placed(documents: readonly PlacedDocument[]): void {
		if (!this.#loading) return;
		if (this.#waiting) {
			this.#waiting.placed.push(...documents);
			return;
		}
		for (const { doc } of documents) this.#remove(doc);
		for (const document of documents) this.#place(document);
	}

	removed(docs: readonly number[]): void {
		if (!this.#loading) return;
		if (this.#waiting) this.#waiting.removed.push(...docs);
		else for (const doc of docs) this.#remove(doc);
	}

	async #load(): Promise<void> {
		this.#waiting = { placed: [], removed: [] };
		await this.#loadSessions();
		await this.#loadLoose();
		// What came or moved meanwhile was read or not: it is looked up again, until nothing more comes while that is done.
		for (let waiting = this.#waiting; waiting.placed.length > 0; waiting = this.#waiting) {
			this.#waiting = { placed: [], removed: [] };
			const docs = [...new Set(waiting.placed.map(({ doc }) => doc))];
			const placed = await this.database.read(async (reader) => {
				const contexts = await contextsOf(reader, docs);
				return placedAmong(
					reader,
					[...contexts].map(([doc, context]) => ({ doc, ...context })),
					this.timers,
				);
			});
			for (const doc of [...waiting.removed, ...docs]) this.#remove(doc);
			for (const document of placed) this.#place(document);
		}
		const { removed } = this.#waiting;
		this.#waiting = undefined;
		this.removed(removed);
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

	#place(placed: PlacedDocument): void {
		const { doc, session, stored, speaker, marks } = placed;
		if (doc >= this.#marks.length) this.#grow(doc + 1);
		this.#remove(doc);
		this.#stored[doc] = stored;
		this.#speaker[doc] = speaker;
		this.#marks[doc] = marks;
		if ((marks & Mark.RULE) !== 0) this.#addRule(doc);
		if (session === null) return;
		this.#session[doc] = this.#numberOf(session);
		const before = this.#known(placed.before, doc);
		// What follows may have begun its session until now.
		this.#link(doc, (before && this.next(before)) || this.#known(placed.after, doc));
		this.#link(before, doc);
	}

	/** A document, if it is of the same session as another one; else 0. It may be gone, or still to be placed. */
	#known(doc: number, other: number): number {
		return doc !== 0 && this.session(doc) === this.session(other) ? doc : 0;
	}

	#remove(doc: number): void {
		if (doc >= this.#marks.length) return;
		const previous = this.previous(doc);
		const next = this.next(doc);
		if (previous !== 0 || next !== 0) this.#link(previous, next);
		this.#previous[doc] = 0;
		this.#next[doc] = 0;
		this.#session[doc] = 0;
		this.#stored[doc] = 0;
		this.#speaker[doc] = 0;
		this.#marks[doc] = 0;
		if (this.#rules.delete(doc)) this.#newestRules = undefined;
	}

	#addRule(doc: number): void {
		this.#rules.add(doc);
		this.#newestRules = undefined;
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
		this.#stored = grown(this.#stored, new Float64Array(size));
		this.#speaker = grown(this.#speaker, new Int32Array(size));
		this.#marks = grown(this.#marks, new Uint8Array(size));
	}
}

function grown<Numbers extends Int32Array | Float64Array | Uint8Array>(from: Numbers, to: Numbers): Numbers {
	to.set(from);
	return to;
}
