import { describe, expect, test } from "bun:test";
import { EVERYTHING, type NetworkRequest } from "@signet/core";
import { countCodes, type Database, findJob, findModel, readCompleteTo, retryJob, sql } from "@signet/db";
import { recall } from "../index.ts";
import { forget, workbench } from "../testing/workbench.ts";

const OLLAMA = (model: string) =>
	`embedding:\n  provider: ollama\n  model: ${model}\n  dimensions: 3\n  base_url: http://models\nmemory:\n  pipelineV2:\n    guardrails:\n      maxContentChars: 60\n      chunkTargetChars: 50\n`;

const embedAll = (_url: string, { body }: NetworkRequest) => {
	const { input } = JSON.parse(body ?? "{}") as { input: string[] };
	return { status: 200, text: JSON.stringify({ embeddings: input.map((text) => [text.length, 1, 2]) }) };
};
const counts = (database: Database) =>
	database.read((reader) =>
		reader.get<Record<string, number>>(sql`SELECT (SELECT count(*) FROM embeddings) AS embeddings,
			(SELECT count(*) FROM sgn_vectors) AS own, (SELECT count(*) FROM sgn_codes) AS codes`),
	);
const codesOf = async (database: Database, model: string) =>
	database.read(async (reader) => countCodes(reader, (await findModel(reader, model))?.id ?? 0));

describe("embedMemory", () => {
	test("stores the vector of a memory where the reference looks for it", async () => {
		await using bench = await workbench(OLLAMA("m"));
		bench.world.setNetwork(embedAll);
		const id = await bench.store({ content: "short" });
		const row = await bench.database.read((reader) =>
			reader.get(sql`SELECT e.source_id, e.dimensions, length(e.vector) AS bytes, e.chunk_text, m.embedding_model
				FROM embeddings e JOIN memories m ON m.id = e.source_id`),
		);
		expect(row).toEqual({ source_id: id, dimensions: 3, bytes: 12, chunk_text: "short", embedding_model: "m" });
		await bench.world.advance(1_000);
		const entered = await bench.database.read((reader) =>
			reader.get(sql`SELECT count(*) AS n FROM vec_embeddings_rowids`),
		);
		expect(entered).toEqual({ n: 1 });
	});

	test("keeps vectors of chunks and of the embedded model away from the reference", async () => {
		await using bench = await workbench(OLLAMA("m"));
		bench.world.setNetwork(embedAll);
		await bench.store({ content: "A long memory of two sentences begins here. And this is where it ends at last." });
		expect(await counts(bench.database)).toEqual({ embeddings: 0, own: 2, codes: 2 });
		bench.configure("embedding:\n  provider: embedded\n");
		await bench.store({ content: "short" });
		expect(await counts(bench.database)).toEqual({ embeddings: 0, own: 3, codes: 3 });
	});

	test("embeds every chunk of a long text by its own words, whatever characters come before", async () => {
		await using bench = await workbench(OLLAMA("m"));
		const texts: string[] = [];
		bench.world.setNetwork((url, request) => {
			texts.push(...(JSON.parse(request.body ?? "{}") as { input: string[] }).input);
			return embedAll(url, request);
		});
		const sentences = Array.from({ length: 100 }, (_, n) => `🌻🌻 Sentence number ${n} is about the sunflowers here.`);
		await bench.store({ content: sentences.join(" ") });
		expect(texts.map((text) => text.trim()).sort()).toEqual(sentences.toSorted());
	});

	test("says so when it cannot, and stores nothing", async () => {
		await using bench = await workbench(OLLAMA("m"));
		expect(await bench.embedder.embedMemory(await bench.store({ content: "short" }))).toBe(false);
		expect(await counts(bench.database)).toEqual({ embeddings: 0, own: 0, codes: 0 });
		expect(bench.problems[0]).toContain("http://models does not answer");
	});
});

describe("fill", () => {
	test("gives everything its vector once the provider is back", async () => {
		await using bench = await workbench(OLLAMA("m"));
		for (const content of ["one", "two", "three"]) await bench.store({ content });
		bench.world.setNetwork(embedAll);
		await bench.world.advance(5_000);
		await bench.embedder.fill();
		expect(await counts(bench.database)).toEqual({ embeddings: 3, own: 3, codes: 3 });
	});

	test("passes over a text that the model refuses and embeds the others", async () => {
		await using bench = await workbench(OLLAMA("m"));
		for (const content of ["fine", "poison", "good"]) await bench.store({ content });
		bench.world.setNetwork((url, request) =>
			request.body?.includes("poison") ? { status: 400, text: "input too long" } : embedAll(url, request),
		);
		await bench.world.advance(5_000);
		await bench.embedder.fill();
		expect(await counts(bench.database)).toEqual({ embeddings: 2, own: 2, codes: 2 });
	});

	test("takes vectors that the file has already, instead of making them", async () => {
		await using bench = await workbench(OLLAMA("m"));
		bench.world.setNetwork(embedAll);
		const id = await bench.store({ content: "recovered" });
		await forget(bench.database, id);
		await bench.database.write((writer) => writer.run(sql`UPDATE memories SET is_deleted = 0 WHERE id = ${id}`));
		bench.world.setNetwork(() => {
			throw new Error("nobody is to be asked");
		});
		await bench.embedder.fill();
		expect(await counts(bench.database)).toEqual({ embeddings: 1, own: 1, codes: 1 });
		expect(bench.problems).toEqual([]);
	});

	test("makes them itself where the model is told what a text is for, which nobody else does", async () => {
		await using bench = await workbench(OLLAMA("nomic-embed-text"));
		const texts: string[] = [];
		bench.world.setNetwork((url, request) => {
			texts.push(...(JSON.parse(request.body ?? "{}") as { input: string[] }).input);
			return embedAll(url, request);
		});
		const id = await bench.store({ content: "short" });
		await forget(bench.database, id);
		await bench.database.write((writer) => writer.run(sql`UPDATE memories SET is_deleted = 0 WHERE id = ${id}`));
		await bench.embedder.embedMemory(id);
		expect(texts).toEqual(["search_document: short", "search_document: short"]);
		const row = await bench.database.read((reader) => reader.get(sql`SELECT embedding_model FROM memories`));
		expect(row).toEqual({ embedding_model: "nomic-embed-text" });
	});

	test("embeds again for another model, and going back costs nothing", async () => {
		await using bench = await workbench(OLLAMA("m"));
		bench.world.setNetwork(embedAll);
		await bench.store({ content: "short" });
		bench.configure(OLLAMA("other"));
		await bench.embedder.fill();
		expect(await codesOf(bench.database, "ollama:other")).toBe(1);
		bench.world.setNetwork(() => {
			throw new Error("nobody is to be asked");
		});
		bench.configure(OLLAMA("m"));
		await bench.embedder.fill();
		expect(bench.problems).toEqual([]);
		expect(await codesOf(bench.database, "ollama:m")).toBe(1);
	});

	describe("a model that makes vectors of another length than it did", () => {
		const OLLAMA_OF_ANY_LENGTH = OLLAMA("m").replace("  dimensions: 3\n", "");
		const embedLonger = (_url: string, { body }: NetworkRequest) => {
			const { input } = JSON.parse(body ?? "{}") as { input: string[] };
			return { status: 200, text: JSON.stringify({ embeddings: input.map((text) => [text.length, 1, 2, 3]) }) };
		};
		const embedded = async () => {
			const bench = await workbench(OLLAMA_OF_ANY_LENGTH);
			bench.world.setNetwork(embedAll);
			for (const content of ["one", "two", "three"]) await bench.store({ content });
			await bench.embedder.fill();
			bench.world.setNetwork(embedLonger);
			// As a start would have it: nobody knows how long they were.
			bench.configure("embedding:\n  provider: none\n");
			await bench.embedder.fill();
			return bench;
		};

		test("has them all made anew, by whatever text that comes to light", async () => {
			await using bench = await embedded();
			await bench.store({ content: "four" });
			bench.configure(OLLAMA_OF_ANY_LENGTH);
			await bench.embedder.fill();
			for (let second = 0; second < 20; second++) await bench.world.advance(1_000);
			expect(await codesOf(bench.database, "ollama:m")).toBe(4);
			expect((await bench.corpus.index.of("ollama:m"))?.model.dimensions).toBe(4);
		});

		test("has them all made anew when a question brings it to light, and says that until then words are all", async () => {
			await using bench = await embedded();
			bench.configure(OLLAMA_OF_ANY_LENGTH);
			const ask = () => recall(bench, { query: "two", limit: 3, filter: { scope: EVERYTHING } });
			expect(await ask()).toMatchObject({ degraded: expect.stringContaining("another length") });
			for (let second = 0; second < 20; second++) await bench.world.advance(1_000);
			expect(await codesOf(bench.database, "ollama:m")).toBe(3);
			expect((await ask()).degraded).toBeUndefined();
		});
	});

	test("a refused text, and it alone, is a dead job: no start tries it again, and whoever retries it does", async () => {
		await using bench = await workbench(OLLAMA("m"));
		bench.world.setNetwork((url, request) =>
			request.body?.includes("poison") ? { status: 400, text: "input too long" } : embedAll(url, request),
		);
		for (const content of ["fine", "poison", "good"]) await bench.store({ content });
		await bench.embedder.fill();
		expect(await bench.database.read((reader) => readCompleteTo(reader, "ollama:m"))).toBe(3);
		const dead = await bench.database.read((reader) =>
			reader.all<{ id: string; memory_id: string; error: string }>(
				sql`SELECT id, memory_id, error FROM memory_jobs WHERE job_type = 'embed' AND status = 'dead'`,
			),
		);
		expect(dead).toEqual([
			{ id: expect.any(String), memory_id: "memory-1", error: expect.stringContaining("too long") },
		]);
		const asked: string[] = [];
		bench.world.setNetwork((url, request) => {
			asked.push(...(JSON.parse(request.body ?? "{}") as { input: string[] }).input);
			return embedAll(url, request);
		});
		await bench.embedder.fill();
		expect(asked).toEqual([]);
		await bench.database.write((writer) => retryJob(writer, dead[0]?.id ?? "", "2026-01-01T00:00:00.000Z"));
		bench.jobs.nudge("embed");
		await bench.world.advance(1_000);
		expect(asked).toEqual(["poison"]);
		expect(await codesOf(bench.database, "ollama:m")).toBe(3);
	});

	test("the job waits for a provider that is away for as long as it takes, and says why", async () => {
		await using bench = await workbench(OLLAMA("m"));
		await bench.store({ content: "short" });
		const minutes = async (count: number) => {
			for (let minute = 0; minute < count; minute++) await bench.world.advance(60_000);
		};
		await minutes(20);
		const job = () => bench.database.read((reader) => findJob(reader, "embed-missing", EVERYTHING));
		expect(await job()).toMatchObject({ status: "pending", error: expect.stringContaining("http://models") });
		expect((await job())?.attempts).toBeGreaterThan(3);
		bench.world.setNetwork(embedAll);
		await minutes(5);
		expect(await job()).toMatchObject({ status: "completed", error: null });
		expect(await codesOf(bench.database, "ollama:m")).toBe(1);
	});

	test("a vector belongs to the memory that has its text now", async () => {
		await using bench = await workbench(OLLAMA("m"));
		bench.world.setNetwork(embedAll);
		const before = await bench.store({ content: "short" });
		await forget(bench.database, before);
		await bench.database.write((writer) =>
			writer.run(sql`INSERT INTO memories (id, content, content_hash, created_at, updated_at)
				SELECT 'again', content, content_hash, '2026', '2026' FROM memories WHERE id = ${before}`),
		);
		await bench.embedder.embedMemory("again");
		const row = await bench.database.read((reader) =>
			reader.get(sql`SELECT e.source_id, m.embedding_model FROM embeddings e JOIN memories m ON m.id = e.source_id`),
		);
		expect(row).toEqual({ source_id: "again", embedding_model: "m" });
	});

	test("what is forgotten in the commit that stores its vector is not in the index", async () => {
		await using bench = await workbench("embedding:\n  provider: none\n");
		const id = await bench.store({ content: "the first" });
		await bench.store({ content: "the second" });
		bench.configure("embedding:\n  provider: embedded\n");
		await bench.embedder.embedMemory("memory-1");
		const model = bench.embeddings.provider?.model ?? "";
		expect((await bench.corpus.index.of(model))?.count).toBe(1);
		const { promise: gate, resolve: open } = Promise.withResolvers<void>();
		const busy = bench.database.write(() => gate);
		const embedding = bench.embedder.embedMemory(id);
		// Until the vector waits for the commit that is under way.
		await bench.world.advance(0);
		const forgetting = forget(bench.database, id);
		open();
		await Promise.all([busy, embedding, forgetting]);
		expect((await bench.corpus.index.of(model))?.count).toBe(1);
	});
});
