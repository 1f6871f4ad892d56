import type { Timers } from "@signet/core";
import { codesAfter, countCodes, type Database, type EncodedDocument, findModel, type VectorModel } from "@signet/db";
import { VectorCache } from "./vector-cache.ts";
import { VectorIndex } from "./vector-index.ts";

/** Codes read from the file in one go: about a millisecond. */
const LOADED_AT_ONCE = 2_000;

/**
 * The index of the model in use: read from the file when it is first asked for, followed through every commit after
 * that, dropped when another model comes into use.
 */
export class ActiveIndex {
	#index: VectorIndex | undefined;
	#vectors: VectorCache | undefined;
	#loading: Promise<VectorIndex | undefined> | undefined;
	#modelName: string | undefined;
	/** What was committed while the codes are read, by the reading that was begun last. */
	#missed: Missed | undefined;

	constructor(
		private readonly database: Pick<Database, "read">,
		private readonly timers: Pick<Timers, "yield" | "after">,
	) {}

	/** Vectors that were compared lately, of the model of an index. */
	vectorsOf({ model }: VectorIndex): VectorCache {
		if (this.#vectors?.model.id !== model.id) this.#vectors = new VectorCache(model, this.timers);
		return this.#vectors;
	}

	/** Bytes of memory that the index takes at the moment. */
	get memoryBytes(): number {
		return this.#index?.memoryBytes ?? 0;
	}

	/** The index of a model; undefined when no document has a vector of it. */
	async of(modelName: string): Promise<VectorIndex | undefined> {
		if (this.#modelName !== modelName) {
			this.#modelName = modelName;
			this.#index = undefined;
			this.#loading = undefined;
		}
		if (this.#index) return this.#index;
		this.#loading ??= this.#load(modelName).catch((error) => {
			this.#loading = undefined;
			throw error;
		});
		return this.#loading;
	}

	/** Take in codes that were committed. */
	added(model: VectorModel, documents: readonly EncodedDocument[]): void {
		if (model.name !== this.#modelName) return;
		this.#vectors?.remove(documents.map(({ doc }) => doc));
		if (this.#missed) this.#missed.added.push({ model, documents });
		else if (this.#index?.model.id === model.id) this.#index.add(documents);
		else {
			// The first vectors of a model, or the first after its length changed.
			this.#index = undefined;
			this.#loading = undefined;
		}
	}

	/** Leave out documents whose removal was committed. */
	removed(docs: readonly number[]): void {
		this.#missed?.removed.push(...docs);
		this.#vectors?.remove(docs);
		if (this.#index) for (const doc of docs) this.#index.remove(doc);
	}

	async #load(modelName: string): Promise<VectorIndex | undefined> {
		const missed: Missed = { added: [], removed: [] };
		this.#missed = missed;
		try {
			const index = await this.#read(modelName);
			// Another reading has begun since: what is committed is told to that one.
			if (this.#missed !== missed || this.#modelName !== modelName) return index;
			if (!index) this.#loading = undefined;
			else if (isOfOneModel(index, missed)) this.#index = withMissed(index, missed);
			else return this.#load(modelName);
			return index;
		} finally {
			if (this.#missed === missed) this.#missed = undefined;
		}
	}

	async #read(modelName: string): Promise<VectorIndex | undefined> {
		const { database } = this;
		const model = await database.read((reader) => findModel(reader, modelName));
		if (!model) return undefined;
		const index = new VectorIndex(model);
		this.#vectors = undefined;
		index.reserve(await database.read((reader) => countCodes(reader, model.id)));
		for (let after = 0; ; ) {
			const documents = await database.read((reader) => codesAfter(reader, model.id, after, LOADED_AT_ONCE));
			index.add(documents.filter(({ code }) => code.length === index.encoder.bytes));
			const last = documents.at(-1);
			if (!last || documents.length < LOADED_AT_ONCE) return index;
			after = last.doc;
			await this.timers.yield();
		}
	}
}

interface Missed {
	readonly added: { readonly model: VectorModel; readonly documents: readonly EncodedDocument[] }[];
	readonly removed: number[];
}

/** Whether what was added meanwhile is of the model that was read: another length makes another model of the same name. */
function isOfOneModel({ model }: VectorIndex, { added }: Missed): boolean {
	return added.every((each) => each.model.id === model.id);
}

function withMissed(index: VectorIndex, { added, removed }: Missed): VectorIndex {
	for (const { documents } of added) index.add(documents.filter(({ doc }) => !index.has(doc)));
	for (const doc of removed) index.remove(doc);
	return index;
}
