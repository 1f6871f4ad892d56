import { isoTime, messageOf, type Timer, type World } from "@signet/core";
import {
	type Database,
	documentsWithoutCode,
	dropCodesOfReplacedVector,
	type EncodedDocument,
	ensureModel,
	findEmbedding,
	findModel,
	type PendingDocument,
	putCode,
	putEmbedding,
	putOwnVector,
	setEmbeddingModel,
	vectorOf,
	type Writer,
} from "@signet/db";
import { quantise } from "../embeddings/embedded.ts";
import type { EmbeddingService } from "../embeddings/embedding-service.ts";
import { EmbeddingFailure, type EmbeddingProvider } from "../embeddings/provider.ts";
import type { ActiveIndex } from "../vector/active-index.ts";
import { CodeEncoder } from "../vector/code-encoder.ts";
import { isUsableVector } from "../vector/similarity.ts";

/** Documents that get their vectors in one commit. */
const BATCH = 32;
/** After this long what has still no vector is looked for: writers that wait for theirs are done by then. */
const SETTLING_MS = 500;
const FIRST_RETRY_MS = 2_000;
const LONGEST_RETRY_MS = 300_000;
/** Differences of the portable vector index mended in one commit. */
const RECONCILED_AT_ONCE = 100;

interface Embedded {
	readonly document: PendingDocument;
	readonly vector: Float32Array;
	/** It stands in `embeddings` already. */
	readonly isStored: boolean;
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
 * Gives documents their vectors. What lacks one is not kept in a list of its own: it is what has no code, so nothing is
 * forgotten by a crash, a provider that is away, or a change of the model.
 */
export class DocumentEmbedder {
	#timer: Timer | undefined;
	#isFilling = false;
	#isStopped = false;
	#failures = 0;
	#problem: string | undefined;
	/** Documents whose text the model does not take. They are tried again after the next start. */
	readonly #refused = new Set<number>();
	#encoder: CodeEncoder | undefined;

	constructor(private readonly options: DocumentEmbedderOptions) {}

	/** Give the documents of a memory their vectors; resolves to whether all of them have one then. Never throws. */
	async embedMemory(memoryId: string): Promise<boolean> {
		const { provider } = this.options.embeddings;
		if (!provider) return false;
		try {
			for (let beforeDoc = Number.MAX_SAFE_INTEGER; ; ) {
				const pending = await this.#pending(provider, { memoryId, beforeDoc, limit: BATCH });
				await this.#embed(provider, pending);
				const last = pending.at(-1);
				if (!last || pending.length < BATCH) return true;
				beforeDoc = last.doc;
				await this.options.world.timers.yield();
			}
		} catch (error) {
			this.#report(messageOf(error));
			return false;
		}
	}

	/** Look for documents without a vector soon. Calls that come close together make one search. */
	wake(delayMs = SETTLING_MS): void {
		if (this.#isStopped || this.#isFilling) return;
		this.#timer?.cancel();
		this.#timer = this.options.world.timers.after(delayMs, () => void this.fill());
	}

	stop(): void {
		this.#isStopped = true;
		this.#timer?.cancel();
	}

	/** Give every document that lacks one its vector, giving way to other work. Resolves early when that fails. */
	async fill(): Promise<void> {
		const { provider } = this.options.embeddings;
		if (!provider || this.#isFilling || this.#isStopped) return;
		this.#isFilling = true;
		const problem = await this.#fillFrom(provider).then(
			() => undefined,
			(error: unknown) => messageOf(error),
		);
		this.#isFilling = false;
		if (problem === undefined) {
			this.#failures = 0;
			this.#problem = undefined;
			return;
		}
		this.#report(problem);
		this.wake(Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#failures++));
	}

	async #fillFrom(provider: EmbeddingProvider): Promise<void> {
		const { timers } = this.options.world;
		for (let beforeDoc = Number.MAX_SAFE_INTEGER; !this.#isStopped; ) {
			const pending = await this.#pending(provider, { beforeDoc, limit: BATCH });
			const last = pending.at(-1);
			if (!last) break;
			beforeDoc = last.doc;
			await this.#embedWhatIsTaken(
				provider,
				pending.filter(({ doc }) => !this.#refused.has(doc)),
			);
			await timers.yield();
		}
		await this.#mendVectorTable(provider);
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

	async #pending(
		provider: EmbeddingProvider,
		which: { memoryId?: string; beforeDoc: number; limit: number },
	): Promise<PendingDocument[]> {
		return this.options.database.read(async (reader) =>
			documentsWithoutCode(reader, (await findModel(reader, provider.model))?.id, which),
		);
	}

	async #embed(provider: EmbeddingProvider, pending: readonly PendingDocument[]): Promise<void> {
		if (pending.length === 0) return;
		const embedded = await Promise.all(pending.map((document) => this.#vectorFor(provider, document)));
		const { database, index } = this.options;
		const { model, encoded } = await database.write((writer) => this.#store(writer, provider, embedded));
		index.added(model, encoded);
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
		const row = await this.options.database.read((reader) => findEmbedding(reader, embeddingHash));
		if (!row || (rowModel === null ? row.dimensions !== dimensions : rowModel !== referenceName)) return undefined;
		if (dimensions !== undefined && row.dimensions !== dimensions) return undefined;
		const vector = vectorOf(row.vector, row.dimensions);
		return vector instanceof Float32Array && isUsableVector(vector, row.dimensions) ? vector : undefined;
	}

	async #store(writer: Writer, provider: EmbeddingProvider, embedded: readonly Embedded[]) {
		const model = await ensureModel(writer, provider.model, embedded[0]?.vector.length ?? 0);
		const encoded: EncodedDocument[] = [];
		for (const { document, vector, isStored } of embedded) {
			const entry = { doc: document.doc, code: this.#encode(vector) };
			if (!(await putCode(writer, model.id, entry))) continue;
			if (!isStored) await this.#storeVector(writer, provider, model.id, document, vector);
			encoded.push(entry);
		}
		return { model, encoded };
	}

	async #storeVector(
		writer: Writer,
		{ referenceName }: EmbeddingProvider,
		model: number,
		{ doc, memoryId, embeddingHash, text }: PendingDocument,
		vector: Float32Array,
	): Promise<void> {
		if (referenceName === undefined || embeddingHash === null) {
			await putOwnVector(writer, model, doc, referenceName === undefined ? quantise(vector) : vector);
			return;
		}
		const { world, database } = this.options;
		const id = await putEmbedding(writer, {
			id: world.random.uuid(),
			contentHash: embeddingHash,
			vector,
			memoryId,
			chunkText: text,
			createdAt: isoTime(world.clock.now()),
		});
		await dropCodesOfReplacedVector(writer, model, doc);
		await database.vectorTable.put(writer, id, vector);
		await setEmbeddingModel(writer, memoryId, referenceName);
	}

	#encode(vector: Float32Array): Uint8Array {
		if (this.#encoder?.dimensions !== vector.length) this.#encoder = new CodeEncoder(vector.length);
		return this.#encoder.encode(vector);
	}

	async #mendVectorTable({ referenceName, dimensions }: EmbeddingProvider): Promise<void> {
		if (referenceName === undefined || dimensions === undefined) return;
		const { database, world } = this.options;
		const mend = () =>
			database.write((writer) => database.vectorTable.reconcile(writer, dimensions, RECONCILED_AT_ONCE));
		while (!this.#isStopped && (await mend()) > 0) await world.timers.yield();
	}

	#report(problem: string): void {
		if (problem !== this.#problem) this.options.onProblem(problem);
		this.#problem = problem;
	}
}
