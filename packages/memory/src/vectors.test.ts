import { expect, test } from "bun:test";
import type { NetworkRequest } from "@signet/core";
import { sql } from "@signet/db";
import fc from "fast-check";
import { forget, modify, recover } from "./index.ts";
import { ana, type MemoryBench, memoryBench } from "./testing/memory-bench.ts";

const reason = "because";
const MODELS = { m: 3, wide: 5 };
type Model = keyof typeof MODELS;

const configuration = (model: Model) =>
	`embedding:\n  provider: ollama\n  model: ${model}\n  dimensions: ${MODELS[model]}\n  base_url: http://models\nmemory:\n  pipelineV2:\n    enabled: false\n`;

/** A vector that tells by itself which text and model it is of. */
function vectorOf(text: string, model: Model): number[] {
	return Array.from({ length: MODELS[model] }, (_, at) => 1 + ((Bun.hash.crc32(text) >> (at * 5)) & 31));
}

const answering = (_url: string, { body }: NetworkRequest) => {
	const { input, model } = JSON.parse(body ?? "{}") as { input: string[]; model: Model };
	return { status: 200, text: JSON.stringify({ embeddings: input.map((text) => vectorOf(text, model)) }) };
};

interface Vectors {
	readonly content: string;
	readonly isForgotten: number;
	readonly id: string;
	readonly codes: number;
	readonly stored: Uint8Array | null;
	readonly model: string | null;
	readonly entered: number;
}

/** Every memory with the vectors that belong to it, as whoever opens the file sees them. */
function vectorsOf({ database }: MemoryBench, model: Model): Promise<Vectors[]> {
	return database.read((reader) =>
		reader.all<Vectors>(sql`
			SELECT m.id, m.content, m.is_deleted AS isForgotten, m.embedding_model AS model,
				(SELECT count(*) FROM sgn_documents d JOIN sgn_codes c USING (doc) JOIN sgn_vectors v USING (doc, model)
					JOIN sgn_models s ON s.id = model WHERE d.memory_id = m.id AND s.name = ${`ollama:${model}`}) AS codes,
				(SELECT e.vector FROM embeddings e WHERE e.source_id = m.id AND e.content_hash = m.content_hash) AS stored,
				(SELECT count(*) FROM embeddings e JOIN vec_embeddings_rowids r ON r.id = e.id WHERE e.source_id = m.id) AS entered
			FROM memories m`),
	);
}

const texts = ["the lighthouse", "the harbour", "the ferry"] as const;
const operation = fc.oneof(
	fc.record({ do: fc.constant("remember" as const), text: fc.constantFrom(...texts) }),
	fc.record({ do: fc.constant("edit" as const), memory: fc.nat(3), text: fc.constantFrom(...texts) }),
	fc.record({ do: fc.constant("forget" as const), memory: fc.nat(3) }),
	fc.record({ do: fc.constant("recover" as const), memory: fc.nat(3) }),
	fc.record({ do: fc.constant("outage" as const), isAway: fc.boolean() }),
	fc.record({ do: fc.constant("model" as const), model: fc.constantFrom("m" as const, "wide" as const) }),
);

test("whatever is changed while the provider comes and goes: each memory ends with the vector of what it says", async () => {
	await fc.assert(
		fc.asyncProperty(fc.array(operation, { minLength: 3, maxLength: 14 }), async (operations) => {
			await using bench = await memoryBench();
			let model: Model = "m";
			let isAway = false;
			bench.configure(configuration(model));
			bench.world.setNetwork((url, request) => {
				if (isAway) throw new Error("away");
				return answering(url, request);
			});
			const ids: string[] = [];
			for (const step of operations) {
				const id = "memory" in step ? ids[step.memory % Math.max(1, ids.length)] : undefined;
				if (step.do === "outage") isAway = step.isAway;
				else if (step.do === "model") {
					model = step.model;
					bench.configure(configuration(model));
				} else if (step.do === "remember") ids.push(await settled(bench, bench.keep(step.text)));
				else if (!id) continue;
				else if (step.do === "edit") {
					await settled(bench, modify(bench, { id, reason, patch: { content: step.text } }, ana));
				} else if (step.do === "forget") await forget(bench, { id, reason, force: true }, ana);
				else await settled(bench, recover(bench, { id, reason }, ana));
			}
			isAway = false;
			// So that something is stored with the model in force.
			ids.push(await settled(bench, bench.keep("the last word")));
			for (let minute = 0; minute < 8; minute++) await bench.world.advance(60_000);
			for (const memory of await vectorsOf(bench, model)) {
				const { content, isForgotten, codes, stored, entered } = memory;
				if (isForgotten === 1) {
					expect({ codes, entered }).toEqual({ codes: 0, entered: 0 });
					continue;
				}
				// Going back to a model asks for nothing again: what other programs see may be of the one in between.
				const seen: Model = memory.model === "wide" ? "wide" : "m";
				const isOfLength = MODELS[seen] === MODELS[model];
				expect({ content, codes, entered }).toEqual({ content, codes: 1, entered: isOfLength ? 1 : 0 });
				expect([...new Float32Array(new Uint8Array(stored ?? []).buffer)]).toEqual(vectorOf(content, seen));
			}
		}),
		{ numRuns: 60 },
	);
}, 60_000);

/** What waits for a provider that is away waits in the seeded time. */
async function settled<T>({ world }: MemoryBench, work: Promise<T>): Promise<T> {
	let isSettled = false;
	const watched = work.finally(() => {
		isSettled = true;
	});
	for (let turn = 0; !isSettled && turn < 100; turn++) await world.advance(500);
	return watched;
}
