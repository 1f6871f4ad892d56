import { isoTime, messageOf, type Timer, type World } from "@signet/core";
import {
	claimEmbedding,
	type Database,
	type DocumentRange,
	deleteOtherEmbeddings,
	documentsWithoutCode,
	type EncodedDocument,
	ensureModel,
	findEmbedding,
	findModel,
	lastDocument,
	type PendingDocument,
	putCode,
	putEmbedding,
	putVector,
	readCompleteTo,
	setEmbeddingModel,
	type VectorModel,
	type Writer,
	writeCompleteTo,
} from "@signet/db";
import type { EmbeddingService } from "../embeddings/embedding-service.ts";
import { EmbeddingFailure, type EmbeddingProvider } from "../embeddings/provider.ts";
import type { ActiveIndex } from "../vector/active-index.ts";
import { CodeEncoder } from "../vector/code-encoder.ts";
import { compact } from "../vector/compact.ts";
import { isUsableVector } from "../vector/similarity.ts";
import { VectorTableKeeper } from "./vector-table-keeper.ts";

/** Documents that get their vectors in one commit. */
const BATCH = 32;
/** Memories that get their vectors right after they were stored; more than that wait for their turn. */
const MAX_UNDER_WAY = 256;
/** After this long what has still no vector is looked for. */
const SETTLING_MS = 500;
/** After this long it is noted up to where every document has its vector. */
const COMPLETION_MS = 5_000;
const FIRST_RETRY_MS = 2_000;
const LONGEST_RETRY_MS = 300_000;
/** Documents looked through in one go for those without a vector. */
const LOOKED_THROUGH = 2_000;

interface Embedded {
	readonly document: PendingDocument;
	readonly vector: Float32Array;
	/** It stands in `embeddings` already. */
	readonly isStored: boolean;
}

interface Stored {
	readonly model: VectorModel;
	readonly encoded: EncodedDocument[];
	/** Rows of `embeddings` that are new or changed. */
	readonly embeddingIds: string[];
}

export interface DocumentEmbedderOptions {
	readonly database: Database;
	readonly world: Pick<World, "clock" | "timers" | "random">;
	readonly embeddings: EmbeddingService;
	readonly index: ActiveIndex;
	/** Told why documents stay without vectors for now, once for each reason. */
	readonly onProblem: (problem: string) => void;
}

/**
 * Gives documents their vectors: new ones at once, the others in the background. What lacks one is not kept in a list of
 * its own: it is what has no code, so nothing is forgotten by a crash, a provider that is away, or a change of the model.
 */
export class DocumentEmbedder {
	readonly #vectorTable: VectorTableKeeper;
	/** Memories whose documents are being embedded. */
	readonly #underWay = new Map<string, Promise<boolean>>();
	/** Documents whose text the model does not take. They are tried again after the next start. */
	readonly #refused = new Set<number>();
	/** Commits of vectors under way, and documents that were removed since the first of them began. */
	#storing = 0;
	readonly #removedMeanwhile = new Set<number>();
	#timer: Timer | undefined;
	#filling: Promise<void> | undefined;
	#isStopped = false;
	#failures = 0;
	#problem: string | undefined;
	#encoder: CodeEncoder | undefined;
	#model: VectorModel | undefined;

	constructor(private readonly options: DocumentEmbedderOptions) {
		this.#vectorTable = new VectorTableKeeper(options.database, options.world.timers);
	}

	/** Take in documents that were committed: they get their vectors at once, as far as there is room for them. */
	added(documents: readonly PendingDocument[]): void {
		const { provider } = this.options.embeddings;
		if (!provider || this.#isStopped) return;
		for (const document of documents) {
			// Chunks come in parts, and are embedded when they are all there.
			if (document.embeddingHash === null || this.#underWay.size >= MAX_UNDER_WAY) this.wake();
			else this.#follow(document.memoryId, this.#embedNew(provider, document));
		}
	}

	/** Take in documents that are gone. To be called in the order of the commits. */
	removed(docs: readonly number[]): void {
		if (this.#storing > 0) for (const doc of docs) this.#removedMeanwhile.add(doc);
	}

	/** Wait until the documents of a memory have their vectors; resolves to whether they have. Never throws. */
	async embedMemory(memoryId: string): Promise<boolean> {
		const { provider } = this.options.embeddings;
		if (!provider) return false;
		return this.#underWay.get(memoryId) ?? this.#follow(memoryId, this.#embedPending(provider, memoryId));
	}

	/** Look for documents without a vector soon. Calls that come close together make one search. */
	wake(delayMs = SETTLING_MS): void {
		if (this.#isStopped) return;
		this.#timer?.cancel();
		this.#timer = this.options.world.timers.after(delayMs, () => {
			this.#timer = undefined;
			if (this.#filling) this.wake();
			else void this.fill();
		});
	}

	stop(): void {
		this.#isStopped = true;
		this.#timer?.cancel();
		this.#vectorTable.stop();
	}

	/**
	 * Give every document that lacks one its vector, giving way to other work; a second call waits for the first. Resolves
	 * early when that fails, and tries again later.
	 */
	async fill(): Promise<void> {
		const { provider } = this.options.embeddings;
		if (!provider || this.#isStopped) return;
		this.#filling ??= this.#fillFrom(provider).then(
			() => {
				this.#filling = undefined;
				this.#failures = 0;
				this.#problem = undefined;
			},
			(error: unknown) => {
				this.#filling = undefined;
				this.#report(messageOf(error));
				this.wake(Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#failures++));
			},
		);
		return this.#filling;
	}

	/** Keep in mind that a memory is being embedded, until it is. Resolves to whether it has its vectors. */
	#follow(memoryId: string, embedding: Promise<void>): Promise<boolean> {
		const followed = embedding
			.then(
				() => {
					if (!this.#timer) this.wake(COMPLETION_MS);
					return true;
				},
				(error: unknown) => {
					this.#report(messageOf(error));
					this.wake(FIRST_RETRY_MS);
					return false;
				},
			)
			.finally(() => this.#underWay.delete(memoryId));
		this.#underWay.set(memoryId, followed);
		return followed;
	}

	/**
	 * When others are under way as well, nobody waits for the vector to be stored: it goes along with the next memory. Should
	 * it be lost, it is made again.
	 */
	async #embedNew(provider: EmbeddingProvider, document: PendingDocument): Promise<void> {
		const embedded = [await this.#vectorFor(provider, document)];
		if (this.#underWay.size <= 1) return this.#keep(provider, embedded, "now");
		this.#keep(provider, embedded, "soon").catch((error: unknown) => {
			this.#report(messageOf(error));
			this.wake(FIRST_RETRY_MS);
		});
	}

	async #embedPending(provider: EmbeddingProvider, memoryId: string): Promise<void> {
		for (let beforeDoc = Number.MAX_SAFE_INTEGER; ; ) {
			const pending = await this.#pending(provider, { memoryId, beforeDoc, limit: BATCH });
			await this.#embed(provider, pending);
			const last = pending.at(-1);
			if (!last || pending.length < BATCH || this.#isStopped) return;
			beforeDoc = last.doc;
			await this.options.world.timers.yield();
		}
	}

	async #fillFrom(provider: EmbeddingProvider): Promise<void> {
		const { database, world } = this.options;
		const completeTo = await database.read((reader) => readCompleteTo(reader, provider.model));
		const last = await database.read(lastDocument);
		let lowestWithout = last + 1;
		for (let beforeDoc = last + 1; beforeDoc > completeTo + 1; ) {
			if (this.#isStopped) return;
			const fromDoc = Math.max(completeTo + 1, beforeDoc - LOOKED_THROUGH);
			const pending = await this.#pending(provider, { fromDoc, beforeDoc, limit: BATCH });
			const isLeftOut = ({ doc, memoryId }: PendingDocument) => this.#refused.has(doc) || this.#underWay.has(memoryId);
			const [leftOut, taken] = [pending.filter(isLeftOut), pending.filter((document) => !isLeftOut(document))];
			await this.#embedWhatIsTaken(provider, taken);
			const without = [...leftOut, ...taken.filter(({ doc }) => this.#refused.has(doc))].map(({ doc }) => doc);
			lowestWithout = Math.min(lowestWithout, ...without);
			beforeDoc = pending.length < BATCH ? fromDoc : (pending.at(-1)?.doc ?? fromDoc);
			await world.timers.yield();
		}
		if (lowestWithout - 1 > completeTo) {
			await database.write((writer) => writeCompleteTo(writer, provider.model, lowestWithout - 1));
		}
	}

	/** A text that the model refuses must not hold up the others: then they go one by one, and it is left out. */
	async #embedWhatIsTaken(provider: EmbeddingProvider, pending: readonly PendingDocument[]): Promise<void> {
		try {
			await this.#embed(provider, pending);
		} catch (error) {
			if (!(error instanceof EmbeddingFailure && error.isRefusal)) throw error;
			if (pending.length > 1) {
				for (const document of pending) await this.#embedWhatIsTaken(provider, [document]);
				return;
			}
			for (const { doc } of pending) this.#refused.add(doc);
			this.#report(error.message);
		}
	}

	async #pending(provider: EmbeddingProvider, range: DocumentRange): Promise<PendingDocument[]> {
		return this.options.database.read(async (reader) =>
			documentsWithoutCode(reader, (await findModel(reader, provider.model))?.id, range),
		);
	}

	async #embed(provider: EmbeddingProvider, pending: readonly PendingDocument[]): Promise<void> {
		if (pending.length === 0) return;
		await this.#keep(
			provider,
			await Promise.all(pending.map((document) => this.#vectorFor(provider, document))),
			"now",
		);
	}

	async #keep(provider: EmbeddingProvider, embedded: readonly Embedded[], when: "now" | "soon"): Promise<void> {
		const { model, encoded, embeddingIds } = await this.#commit(provider, embedded, when);
		this.#model = model;
		this.options.index.added(model, encoded);
		if (embeddingIds.length > 0) this.#vectorTable.changed(embeddingIds, model.dimensions);
	}

	async #vectorFor(provider: EmbeddingProvider, document: PendingDocument): Promise<Embedded> {
		const stored = await this.#storedVector(provider, document);
		if (stored) return { document, vector: stored, isStored: true };
		return { document, vector: await this.options.embeddings.document(document.text), isStored: false };
	}

	/** A vector that the file has already: made before the content was forgotten and recovered, or by the reference. */
	async #storedVector(
		{ referenceName, dimensions }: EmbeddingProvider,
		{ embeddingHash, rowModel }: PendingDocument,
	): Promise<Float32Array | undefined> {
		if (referenceName === undefined || embeddingHash === null) return undefined;
		const vector = await this.options.database.read((reader) => findEmbedding(reader, embeddingHash));
		if (!vector || (rowModel === null ? vector.length !== dimensions : rowModel !== referenceName)) return undefined;
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
		const embeddingIds: string[] = [];
		for (const { document, vector, isStored } of embedded) {
			const entry = { doc: document.doc, code: this.#encode(vector) };
			if (!(await putCode(writer, model.id, entry))) continue;
			encoded.push(entry);
			await putVector(writer, model.id, { doc: document.doc, vector: compact(vector) });
			const { referenceName } = provider;
			const { embeddingHash, memoryId } = document;
			if (referenceName === undefined || embeddingHash === null) continue;
			if (isStored) {
				const wasAnothers = await claimEmbedding(writer, embeddingHash, memoryId);
				if (wasAnothers) await setEmbeddingModel(writer, memoryId, referenceName);
			} else {
				embeddingIds.push(await this.#putEmbedding(writer, document, embeddingHash, vector));
				embeddingIds.push(...(await deleteOtherEmbeddings(writer, memoryId, embeddingHash)));
				await setEmbeddingModel(writer, memoryId, referenceName);
			}
		}
		return { model, encoded, embeddingIds };
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
	): Promise<string> {
		const { clock, random } = this.options.world;
		const createdAt = isoTime(clock.now());
		return putEmbedding(writer, { id: random.uuid(), contentHash, vector, memoryId, chunkText: text, createdAt });
	}

	#encode(vector: Float32Array): Uint8Array {
		if (this.#encoder?.dimensions !== vector.length) this.#encoder = new CodeEncoder(vector.length);
		return this.#encoder.encode(vector);
	}

	#report(problem: string): void {
		if (problem !== this.#problem && !this.#isStopped) this.options.onProblem(problem);
		this.#problem = problem;
	}
}
