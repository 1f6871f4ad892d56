import { expect, test } from "bun:test";
import { join } from "node:path";
import { EVERYTHING } from "@signet/core";
import { realWorld } from "@signet/core/world";
import { temporaryDatabase } from "@signet/db/testing";
import { workbench } from "../testing/workbench.ts";
import { Answering } from "./answering.ts";
import { recall } from "./recall.ts";
import { SecondThread } from "./second-thread.ts";

test("where it cannot read the file everything is answered without it, and somebody is told why, once", async () => {
	await using bench = await workbench("embedding:\n  provider: none\n");
	await using elsewhere = await temporaryDatabase();
	await bench.store({ id: "a", content: "The falcon is kept in room 7" });
	const problems: string[] = [];
	const second = new SecondThread({
		world: realWorld,
		file: join(elsewhere.file, "no such folder", "memories.db"),
		onProblem: (problem) => problems.push(problem),
		longMs: 0,
	});
	const answering = new Answering({ corpus: bench.answering.corpus, world: realWorld, second });
	const ask = () => recall({ ...bench, answering }, { query: "falcon", limit: 3, filter: { scope: EVERYTHING } });
	const found = new Set<string>();
	const deadline = performance.now() + 20_000;
	while (problems.length === 0 && performance.now() < deadline) {
		for (const { results } of await Promise.all(Array.from({ length: 20 }, ask))) {
			found.add(results.map(({ id }) => id).join());
		}
	}
	for (const { results } of await Promise.all(Array.from({ length: 20 }, ask))) {
		found.add(results.map(({ id }) => id).join());
	}
	expect(problems).toHaveLength(1);
	expect(answering.threads).toBe(1);
	expect([...found]).toEqual(["a"]);
}, 40_000);
