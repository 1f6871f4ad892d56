import { expect, test } from "bun:test";
import { EVERYTHING, type MemoryFilter } from "@signet/core";
import { similarMemories } from "../index.ts";
import { forget, type Workbench, workbench } from "../testing/workbench.ts";

const similarTo = async (bench: Workbench, memoryId: string, filter: Omit<MemoryFilter, "scope"> = {}, limit = 10) =>
	(await similarMemories(bench, { memoryId, filter: { ...filter, scope: EVERYTHING }, limit }))?.map(
		({ memory }) => memory.id,
	);

async function queues(configuration?: string): Promise<Workbench> {
	const bench = await workbench(configuration);
	await bench.store({ id: "stores", content: "The message queue stores events for seven days" });
	await bench.store({ id: "drops", content: "The message queue drops events after seven days" });
	await bench.store({ id: "parts", content: "The queue of messages is partitioned by customer", type: "decision" });
	await bench.store({ id: "lunch", content: "Lunch is served at noon on the terrace" });
	return bench;
}

test("finds the nearest first, never the memory itself", async () => {
	await using bench = await queues();
	expect(await similarTo(bench, "stores")).toEqual(["drops", "parts", "lunch"]);
	expect(await similarTo(bench, "stores", {}, 1)).toEqual(["drops"]);
	expect(await similarTo(bench, "stores", {}, 0)).toEqual([]);
	const [nearest] =
		(await similarMemories(bench, { memoryId: "stores", filter: { scope: EVERYTHING }, limit: 1 })) ?? [];
	expect(nearest?.score).toBeGreaterThan(0.5);
	expect(nearest?.score).toBeLessThanOrEqual(1);
});

test("looks for the nearest among those that the filter lets through", async () => {
	await using bench = await workbench();
	await bench.store({ id: "anchor", content: "The message queue stores events" });
	for (let n = 0; n < 150; n++) await bench.store({ content: `The message queue stores events of tenant ${n}` });
	await bench.store({ id: "far", content: "Lunch is served at noon", type: "decision" });
	expect(await similarTo(bench, "anchor", { type: "decision" }, 1)).toEqual(["far"]);
});

test("forgotten memories are found by nothing and find nothing", async () => {
	await using bench = await queues();
	await forget(bench.database, "drops");
	expect(await similarTo(bench, "stores")).toEqual(["parts", "lunch"]);
	expect(await similarTo(bench, "drops")).toBeUndefined();
});

test("a long memory is found once, by the nearest of its chunks, and finds others", async () => {
	await using bench = await queues(
		"embedding:\n  provider: embedded\nmemory:\n  pipelineV2:\n    guardrails:\n      maxContentChars: 100\n      chunkTargetChars: 60\n",
	);
	const content =
		"The message queue stores events for seven days. The message queue drops events after seven days. Nobody knows why that is.";
	await bench.store({ id: "long", content });
	expect((await similarTo(bench, "stores", {}, 2))?.sort()).toEqual(["drops", "long"]);
	expect((await similarTo(bench, "long", {}, 2))?.sort()).toEqual(["drops", "stores"]);
});

test("a memory without a vector has no neighbours", async () => {
	await using bench = await queues();
	expect(await similarTo(bench, "nope")).toBeUndefined();
	bench.configure("embedding:\n  provider: none\n");
	expect(await similarTo(bench, "stores")).toBeUndefined();
});
