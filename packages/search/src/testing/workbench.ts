import { parseSettings, type Settings } from "@signet/core";
import { type SeededWorld, seededWorld } from "@signet/core/testing";
import { type Database, insertMemory, JobRunner, putTurn, sql } from "@signet/db";
import { temporaryDatabase } from "@signet/db/testing";
import {
	AccessCounter,
	Corpus,
	DocumentEmbedder,
	DocumentIndex,
	EmbeddingService,
	type RecallContext,
	VectorTableKeeper,
} from "../index.ts";

export interface Workbench extends RecallContext, AsyncDisposable {
	readonly database: Database;
	readonly world: SeededWorld;
	readonly embedder: DocumentEmbedder;
	readonly jobs: JobRunner;
	readonly vectorTable: VectorTableKeeper;
	/** Why documents stayed without vectors, in order. */
	readonly problems: string[];
	/** Failures of works before a commit, in order. */
	readonly derivationFailures: unknown[];
	/** Let another configuration hold from now on. */
	configure(yaml: string): void;
	/** Store a memory as any writer might, and give it its vector. */
	store(
		memory: { content: string } & Partial<
			Record<"id" | "type" | "tags" | "who" | "project" | "createdAt" | "sessionId" | "role", string>
		> & { position?: number },
	): Promise<string>;
}

/** Everything that search is made of, on a real database, new or prepared, in a seeded world. */
export async function workbench(
	yaml = "embedding:\n  provider: embedded\n",
	prepare?: (file: string) => void,
	seed?: number,
): Promise<Workbench> {
	const temporary = await temporaryDatabase(prepare);
	const { database } = temporary;
	const world = seededWorld(seed === undefined ? {} : { seed });
	const problems: string[] = [];
	let settings: Settings = parseSettings(yaml);
	let stored = 0;
	const corpus = new Corpus(database, world.timers);
	const embeddings: EmbeddingService = new EmbeddingService(
		world,
		() => settings.embedding,
		() => embedder.wake(0),
	);
	const vectorTable = new VectorTableKeeper(database, world.timers);
	const jobs = new JobRunner({ database, world, onProblem: (_job, problem) => problems.push(problem) });
	const embedder = new DocumentEmbedder({
		database,
		world,
		embeddings,
		onEncoded: (model, encoded) => corpus.index.added(model, encoded),
		jobs,
		vectorTable,
		onProblem: (problem) => problems.push(problem),
	});
	jobs.handle(embedder);
	const documents = new DocumentIndex({
		database,
		timers: world.timers,
		chunkSizes: () => settings.pipeline.guardrails,
		onDocumentsChanged({ added, ...change }) {
			embedder.removed(change.removed);
			corpus.changed(change);
			embedder.added(added);
		},
	});
	await documents.open();
	await jobs.start();
	return {
		database,
		world,
		embeddings,
		embedder,
		jobs,
		vectorTable,
		documents,
		corpus,
		problems,
		derivationFailures: temporary.derivationFailures,
		accesses: new AccessCounter(database, world, (error) => problems.push(String(error))),
		settings: () => settings,
		configure(next) {
			settings = parseSettings(next);
		},
		async store({
			id = `memory-${stored++}`,
			content,
			type = "fact",
			tags,
			who = "ana",
			project,
			createdAt = "2026-01-01T00:00:00.000Z",
			sessionId,
			role,
			position,
		}) {
			await database.write(async (writer) => {
				await putTurn(writer, id, { position: position ?? null, role: role ?? null });
				await insertMemory(writer, {
					id,
					content,
					normalizedContent: content.toLowerCase(),
					contentHash: id,
					type,
					category: null,
					confidence: 1,
					importance: 0.8,
					tags: tags ?? null,
					pinned: false,
					who,
					why: null,
					project: project ?? null,
					sessionId: sessionId ?? null,
					sourceType: "manual",
					sourceId: null,
					idempotencyKey: null,
					runtimePath: null,
					extractionStatus: "none",
					createdAt,
					updatedAt: createdAt,
					updatedBy: who,
				});
			});
			await documents.complete(id);
			await embedder.embedMemory(id);
			return id;
		},
		async [Symbol.asyncDispose]() {
			embedder.stop();
			vectorTable.stop();
			await jobs.stop();
			await temporary[Symbol.asyncDispose]();
		},
	};
}

/** Forget a memory as the reference would, behind everybody's back. */
export async function forget(database: Database, id: string): Promise<void> {
	await database.write((writer) => writer.run(sql`UPDATE memories SET is_deleted = 1 WHERE id = ${id}`));
}
