import { isoTime, type World } from "@signet/core";
import {
	claimEmbedding,
	type Database,
	type EncodedDocument,
	ensureModel,
	findEmbedding,
	type PendingDocument,
	putCode,
	putEmbedding,
	putVector,
	setEmbeddingModel,
	type VectorModel,
	type Writer,
} from "@signet/db";
import type { EmbeddingService } from "../embeddings/embedding-service.ts";
import type { EmbeddingProvider } from "../embeddings/provider.ts";
import { encoderOf } from "../vector/code-encoder.ts";
import { compact } from "../vector/compact.ts";
import { isUsableVector } from "../vector/similarity.ts";

/** Vectors stored in one turn of the loop. */
const STORED_A_TURN = 4;

interface Embedded {
	readonly document: PendingDocument;
	readonly vector: Float32Array;
	/** It stands in `embeddings` already. */
	readonly isStored: boolean;
}

interface Stored {
	readonly model: VectorModel;
	readonly encoded: EncodedDocument[];
	/** Whether rows of `embeddings` are new or changed. */
	readonly isReferenceChanged: boolean;
}

export interface DocumentVectorsOptions {
	readonly database: Database;
	readonly world: Pick<World, "clock" | "random" | "timers">;
	readonly embeddings: EmbeddingService;
	/** Told, after the commit, of vectors that were stored. */
	readonly onEncoded: (model: VectorModel, documents: readonly EncodedDocument[]) => void;
	/** Told, after the commit, that vectors of that length were stored for other programs. */
	readonly onReferenceChanged: (dimensions: number) => void;
}

/** Has vectors of documents made, or takes them from the file, stores them and puts them into the index. */
export class DocumentVectors {
	/** Commits of vectors under way, and documents that were removed since the first of them began. */
	#storing = 0;
	readonly #removedMeanwhile = new Set<number>();
	#model: VectorModel | undefined;

	constructor(private readonly options: DocumentVectorsOptions) {}

	/** Take in documents that are gone. To be called in the order of the commits. */
	removed(docs: readonly number[]): void {
		if (this.#storing > 0) for (const doc of docs) this.#removedMeanwhile.add(doc);
	}

	/** Make the vectors of documents, all or none. Throws an `EmbeddingFailure` when the provider cannot. */
	async make(provider: EmbeddingProvider, documents: readonly PendingDocument[]): Promise<readonly Embedded[]> {
		return Promise.all(documents.map((document) => this.#vectorFor(provider, document)));
	}

	/** Store what was made. `soon` lets it go along with the next commit of others, or get lost in a crash. */
	async keep(provider: EmbeddingProvider, embedded: readonly Embedded[], when: "now" | "soon"): Promise<void> {
		if (embedded.length === 0) return;
		const { model, encoded, isReferenceChanged } = await this.#commit(provider, embedded, when);
		this.#model = model;
		this.options.onEncoded(model, encoded);
		if (isReferenceChanged) this.options.onReferenceChanged(model.dimensions);
	}

	async #vectorFor(provider: EmbeddingProvider, document: PendingDocument): Promise<Embedded> {
		const stored = await this.#storedVector(provider, document);
		if (stored) return { document, vector: stored, isStored: true };
		return { document, vector: await this.options.embeddings.document(document.text, provider.model), isStored: false };
	}

	/** A vector that the file has already: made before the content was forgotten and recovered, or by the reference. */
	async #storedVector(
		{ referenceName, takesStored, dimensions }: EmbeddingProvider,
		{ embeddingHash, rowModel }: PendingDocument,
	): Promise<Float32Array | undefined> {
		if (referenceName === undefined || !takesStored || embeddingHash === null) return undefined;
		if (rowModel !== null && rowModel !== referenceName) return undefined;
		const vector = await this.options.database.read((reader) => findEmbedding(reader, embeddingHash));
		if (!vector || (rowModel === null && vector.length !== dimensions)) return undefined;
		if (dimensions !== undefined && vector.length !== dimensions) return undefined;
		return isUsableVector(vector, vector.length) ? vector : undefined;
	}

	/** Store vectors; leaves out what a change in the same commit has removed again. */
	async #commit(provider: EmbeddingProvider, embedded: readonly Embedded[], when: "now" | "soon"): Promise<Stored> {
		const { database } = this.options;
		const store = (writer: Writer) => this.#store(writer, provider, embedded);
		this.#storing++;
		try {
			const stored = await (when === "now" ? database.write(store) : database.writeSoon(store));
			return { ...stored, encoded: stored.encoded.filter(({ doc }) => !this.#removedMeanwhile.has(doc)) };
		} finally {
			if (--this.#storing === 0) this.#removedMeanwhile.clear();
		}
	}

	async #store(writer: Writer, provider: EmbeddingProvider, embedded: readonly Embedded[]): Promise<Stored> {
		const model = await this.#ensureModel(writer, provider.model, embedded[0]?.vector.length ?? 0);
		const encoded: EncodedDocument[] = [];
		let isReferenceChanged = false;
		for (const [at, { document, vector, isStored }] of embedded.entries()) {
			if (at % STORED_A_TURN === STORED_A_TURN - 1) await this.options.world.timers.yield();
			const entry = { doc: document.doc, code: encoderOf(vector.length).encode(vector) };
			if (!(await putCode(writer, model.id, entry))) continue;
			encoded.push(entry);
			await putVector(writer, model.id, { doc: document.doc, vector: compact(vector) });
			const { referenceName } = provider;
			const { embeddingHash, memoryId } = document;
			if (referenceName === undefined || embeddingHash === null) continue;
			if (isStored) {
				await claimEmbedding(writer, embeddingHash, memoryId);
				if (document.rowModel !== referenceName) await setEmbeddingModel(writer, memoryId, referenceName);
			} else {
				await this.#putEmbedding(writer, document, embeddingHash, vector);
				await setEmbeddingModel(writer, memoryId, referenceName);
				isReferenceChanged = true;
			}
		}
		return { model, encoded, isReferenceChanged };
	}

	async #ensureModel(writer: Writer, name: string, dimensions: number): Promise<VectorModel> {
		if (this.#model?.name === name && this.#model.dimensions === dimensions) return this.#model;
		return ensureModel(writer, name, dimensions);
	}

	#putEmbedding(
		writer: Writer,
		{ memoryId, text }: PendingDocument,
		contentHash: string,
		vector: Float32Array,
	): Promise<void> {
		const { clock, random } = this.options.world;
		const createdAt = isoTime(clock.now());
		return putEmbedding(writer, { id: random.uuid(), contentHash, vector, memoryId, chunkText: text, createdAt });
	}
}
