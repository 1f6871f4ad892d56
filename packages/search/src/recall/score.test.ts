import { describe, expect, test } from "bun:test";
import { EVERYTHING } from "@signet/core";
import { recall } from "../index.ts";
import { workbench } from "../testing/workbench.ts";

const ask = async (bench: Awaited<ReturnType<typeof workbench>>, query: string) =>
	(await recall(bench, { query, limit: 10, filter: { scope: EVERYTHING } })).results;

describe.each(["embedding:\n  provider: none\n", undefined])(
	"a score is how likely a memory is meant",
	(configuration) => {
		test("which is nearly sure of one that says what was asked word for word, even beside another like it", async () => {
			await using bench = await workbench(configuration);
			for (let n = 0; n < 20; n++) await bench.store({ content: `Meeting ${n} was about the garden` });
			await bench.store({ id: "billing", content: "The backup of the billing database runs at four" });
			await bench.store({ id: "orders", content: "The backup of the orders database runs at five" });
			const [best, next] = await ask(bench, "The backup of the billing database runs at four");
			expect([best?.id, next?.id]).toEqual(["billing", "orders"]);
			expect(best?.score).toBeGreaterThanOrEqual(0.9);
			expect(next?.score).toBeLessThan(0.5);
			const [asked] = await ask(bench, "When does the backup of the billing database run?");
			expect(asked?.id).toBe("billing");
			expect(asked?.score).toBeGreaterThanOrEqual(0.9);
		});

		test("which of two alike is half as sure of each, and low where nothing is known", async () => {
			await using bench = await workbench(configuration);
			for (let n = 0; n < 20; n++) await bench.store({ content: `Meeting ${n} was about the garden` });
			const talk = "was seen by the crew from the pier, who told everybody else about it at dinner";
			await bench.store({ content: `A seal ${talk}` });
			await bench.store({ content: `A whale ${talk} too` });
			const [one, other] = await ask(bench, "What did people see from the pier in the harbour?");
			expect(one?.score).toBeLessThan(0.7);
			expect(other?.score).toBeGreaterThan(0.6 * (one?.score ?? 1));
			expect((await ask(bench, "Which violin did Petronella buy?"))[0]?.score ?? 0).toBeLessThan(0.1);
		});
	},
);
