import { isoTime, messageOf, type Timer, type World } from "@signet/core";
import {
	type Database,
	type DocumentRange,
	documentsWithoutCode,
	type EncodedDocument,
	enqueueAgain,
	findModel,
	type JobHandler,
	type JobOutcome,
	type JobRow,
	type JobRunner,
	lastDocument,
	NO_MEMORY,
	type PendingDocument,
	type Reader,
	readCompleteTo,
	recordRefused,
	refusedDocuments,
	type VectorModel,
	writeCompleteTo,
} from "@signet/db";
import type { EmbeddingService } from "../embeddings/embedding-service.ts";
import { EmbeddingFailure, type EmbeddingProvider } from "../embeddings/provider.ts";
import { DocumentVectors } from "./document-vectors.ts";
import type { VectorTableKeeper } from "./vector-table-keeper.ts";

/** Documents that get their vectors in one commit. */
const BATCH = 16;
/** Memories that get their vectors right after they were stored; more than that wait for their turn. */
const MAX_UNDER_WAY = 256;
/** After this long what has still no vector is looked for. */
const SETTLING_MS = 500;
/** After this long it is noted up to where every document has its vector. */
const COMPLETION_MS = 5_000;
const FIRST_RETRY_MS = 2_000;
/** Documents looked through in one go for those without a vector. */
const LOOKED_THROUGH = 2_000;
/** The job that makes the vectors that are missing. There is one, whatever is missing. */
const FILL_JOB = "embed-missing";

export interface DocumentEmbedderOptions {
	readonly database: Database;
	readonly world: Pick<World, "clock" | "timers" | "random">;
	readonly embeddings: EmbeddingService;
	/** Told, after the commit, of vectors that were stored. */
	readonly onEncoded: (model: VectorModel, documents: readonly EncodedDocument[]) => void;
	readonly jobs: JobRunner;
	readonly vectorTable: VectorTableKeeper;
	/** Told why documents stay without vectors for now, once for each reason. */
	readonly onProblem: (problem: string) => void;
}

/**
 * Gives documents their vectors: new ones at once, the others by a job. What lacks one is not kept in a list of its own:
 * it is what has no code, so nothing is forgotten by a crash, a provider that is away, or a change of the model. A text
 * that the model refuses is kept as a dead job.
 */
export class DocumentEmbedder implements JobHandler {
	readonly type = "embed";
	readonly #vectors: DocumentVectors;
	/** Memories whose documents are being embedded. */
	readonly #underWay = new Map<string, Promise<boolean>>();
	#timer: Timer | undefined;
	#isStopped = false;
	#problem: string | undefined;

	constructor(private readonly options: DocumentEmbedderOptions) {
		const { vectorTable } = options;
		this.#vectors = new DocumentVectors({
			...options,
			onReferenceChanged: (dimensions) => vectorTable.changed(dimensions),
		});
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
		this.#vectors.removed(docs);
		if (docs.length > 0) this.options.vectorTable.changed();
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
			void this.#queueFilling();
		});
	}

	stop(): void {
		this.#isStopped = true;
		this.#timer?.cancel();
	}

	/** The job: of one memory, or of all that lack a vector. What the provider cannot do now waits for it. */
	async run({ memory_id }: JobRow, signal: AbortSignal): Promise<JobOutcome> {
		const { provider } = this.options.embeddings;
		if (!provider) return { status: "done", result: { skipped: "embeddings_off" } };
		try {
			if (memory_id === null || memory_id === NO_MEMORY) await this.fill(signal);
			else await this.#embedPending(provider, memory_id);
		} catch (error) {
			if (!(error instanceof EmbeddingFailure)) throw error;
			this.#report(error.message);
			return { status: error.isRefusal ? "refused" : "waiting", reason: error.message };
		}
		if (signal.aborted) return { status: "waiting", reason: "the daemon was stopped" };
		this.#problem = undefined;
		return { status: "done" };
	}

	/**
	 * Give every document that lacks one its vector, giving way to other work, until `signal` is aborted. Rejects with an
	 * `EmbeddingFailure` when the provider cannot.
	 */
	async fill(signal?: AbortSignal): Promise<void> {
		const { database, embeddings, world } = this.options;
		const { provider } = embeddings;
		if (!provider) return;
		const { begun, completeTo, last, refused } = await database.read(async (reader) => {
			const model = await this.#modelInUse(reader, provider);
			return {
				begun: model,
				completeTo: model ? await readCompleteTo(reader, provider.model) : 0,
				last: await lastDocument(reader),
				refused: await refusedDocuments(reader, provider.model),
			};
		});
		let lowestWithout = last + 1;
		for (let beforeDoc = last + 1; beforeDoc > completeTo + 1; ) {
			if (this.#isStopped || signal?.aborted) return;
			const fromDoc = Math.max(completeTo + 1, beforeDoc - LOOKED_THROUGH);
			const pending = await this.#pending(provider, { fromDoc, beforeDoc, limit: BATCH });
			const underWay = pending.filter(({ memoryId }) => this.#underWay.has(memoryId));
			lowestWithout = Math.min(lowestWithout, ...underWay.map(({ doc }) => doc));
			await this.#embedOrBury(
				provider,
				pending.filter(({ doc, memoryId }) => !refused.has(doc) && !this.#underWay.has(memoryId)),
			);
			beforeDoc = pending.length < BATCH ? fromDoc : (pending.at(-1)?.doc ?? fromDoc);
			await world.timers.yield();
		}
		if (lowestWithout - 1 <= completeTo) return;
		await database.write(async (writer) => {
			const model = await this.#modelInUse(writer, provider);
			// Vectors that turned out to have another length took the place of all that were there.
			if (begun && model?.id !== begun.id) this.wake();
			else if (model) await writeCompleteTo(writer, provider.model, lowestWithout - 1);
		});
	}

	/** The model, as far as its vectors can be compared: undefined also where those that are made now have another length. */
	async #modelInUse(reader: Reader, { model: name, dimensions }: EmbeddingProvider): Promise<VectorModel | undefined> {
		const model = await findModel(reader, name);
		return dimensions === undefined || model?.dimensions === dimensions ? model : undefined;
	}

	/** Queue the job, if anything may lack a vector. */
	async #queueFilling(): Promise<void> {
		const { database, embeddings, jobs, world } = this.options;
		const { provider } = embeddings;
		if (!provider || this.#isStopped) return;
		try {
			const isComplete = await database.read(async (reader) => {
				const isInUse = (await this.#modelInUse(reader, provider)) !== undefined;
				return (isInUse ? await readCompleteTo(reader, provider.model) : 0) >= (await lastDocument(reader));
			});
			if (isComplete) return;
			const createdAt = isoTime(world.clock.now());
			const job = { id: FILL_JOB, memoryId: NO_MEMORY, type: this.type, createdAt } as const;
			await database.write((writer) => enqueueAgain(writer, job));
			jobs.nudge(this.type);
		} catch (error) {
			this.#report(messageOf(error));
		}
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
		const embedded = await this.#vectors.make(provider, [document]);
		if (this.#underWay.size <= 1) return this.#vectors.keep(provider, embedded, "now");
		this.#vectors.keep(provider, embedded, "soon").catch((error: unknown) => {
			this.#report(messageOf(error));
			this.wake(FIRST_RETRY_MS);
		});
	}

	async #embedPending(provider: EmbeddingProvider, memoryId: string): Promise<void> {
		for (let beforeDoc = Number.MAX_SAFE_INTEGER; ; ) {
			const pending = await this.#pending(provider, { memoryId, beforeDoc, limit: BATCH });
			await this.#vectors.keep(provider, await this.#vectors.make(provider, pending), "now");
			const last = pending.at(-1);
			if (!last || pending.length < BATCH || this.#isStopped) return;
			beforeDoc = last.doc;
			await this.options.world.timers.yield();
		}
	}

	/** A text that the model refuses must not hold up the others: then they go one by one, and it is left out. */
	async #embedOrBury(provider: EmbeddingProvider, pending: readonly PendingDocument[]): Promise<void> {
		try {
			await this.#vectors.keep(provider, await this.#vectors.make(provider, pending), "now");
		} catch (error) {
			if (!(error instanceof EmbeddingFailure && error.isRefusal)) throw error;
			const [first, ...others] = pending;
			if (!first) return;
			if (others.length === 0) return this.#bury(provider, first, error.message);
			for (const document of pending) await this.#embedOrBury(provider, [document]);
		}
	}

	async #bury({ model }: EmbeddingProvider, { doc, memoryId }: PendingDocument, error: string): Promise<void> {
		const { database, world } = this.options;
		this.#report(error);
		const refused = { id: world.random.uuid(), memoryId, doc, model, error, at: isoTime(world.clock.now()) };
		await database.write((writer) => recordRefused(writer, refused));
	}

	async #pending(provider: EmbeddingProvider, range: DocumentRange): Promise<PendingDocument[]> {
		return this.options.database.read(async (reader) =>
			documentsWithoutCode(reader, (await this.#modelInUse(reader, provider))?.id, range),
		);
	}

	#report(problem: string): void {
		if (problem !== this.#problem && !this.#isStopped) this.options.onProblem(problem);
		this.#problem = problem;
	}
}
