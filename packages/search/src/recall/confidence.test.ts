import { describe, expect, test } from "bun:test";
import { EVERYTHING } from "@signet/core";
import { sql } from "@signet/db";
import { recall } from "../index.ts";
import { workbench } from "../testing/workbench.ts";

const WORDS_ONLY = "embedding:\n  provider: none\n";
type Bench = Awaited<ReturnType<typeof workbench>>;
const ask = (bench: Bench, query: string) => recall(bench, { query, limit: 10, filter: { scope: EVERYTHING } });

describe("how sure it is", () => {
	test("what is known is answered with confidence, what is not is left open", async () => {
		await using bench = await workbench();
		await bench.store({ content: "The backup of the billing database runs at four in the morning" });
		for (let n = 0; n < 30; n++) await bench.store({ content: `Meeting notes ${n}: the roof garden was watered` });
		const known = await ask(bench, "When does the backup of the billing database run?");
		expect(known.abstain).toBeUndefined();
		const unknown = await ask(bench, "Which violin did Petronella buy in Cremona?");
		expect(unknown.abstain).toBe(true);
		expect(unknown.confidence ?? 1).toBeLessThan(known.confidence ?? 0);
	});
});

describe("what is quoted", () => {
	test.each([
		['Where is the "猫"?', "猫は祖母の家にいます"],
		['Where is "東京"?', "The office is in 東京都"],
		['Who owns "config.yaml"?', "Clara owns deploy/config.yaml"],
		['Who owns "user_id"?', "Clara owns public.users.user_id"],
	])("and stands there, if only as a part of a longer word, is known: %p", async (query, content) => {
		await using bench = await workbench(WORDS_ONLY);
		await bench.store({ content });
		expect((await ask(bench, query)).abstain).toBeUndefined();
		await bench.store({ content: "Lunch is at noon" });
		expect((await ask(bench, 'Where is the "犬"?')).abstain).toBe(true);
	});
});

describe("how sure it is does not depend on how much is known besides", () => {
	const storeMany = async (bench: Bench, content: (n: number) => string) => {
		await bench.database.write(async (writer) => {
			for (let n = 0; n < 3000; n++) {
				await writer.run(
					sql`INSERT INTO memories (id, content, created_at, updated_at) VALUES (${`many-${n}`}, ${content(n)}, '2026', '2026')`,
				);
			}
		});
		await bench.documents.catchUp();
	};

	test.each([WORDS_ONLY, undefined])("one word that thousands have is not enough", async (configuration) => {
		await using bench = await workbench(configuration);
		await storeMany(bench, (n) => `${["The name of a branch is", "A dentist asks for", "Feature"][n % 3]} ${n}`);
		const query = "What is the name of my dentist?";
		expect((await ask(bench, query)).abstain).toBe(true);
		await bench.store({ id: "dentist", content: "The name of my dentist is Marlow" });
		const known = await ask(bench, query);
		expect(known.results[0]?.id).toBe("dentist");
		expect(known.abstain).toBeUndefined();
	});

	test.each([
		["Which port is the gateway of the shop on?", "The gateway listens on port 8080"],
		["When is the next meeting of the roof garden group?", "The garden group meets on Fridays"],
		["Who is responsible for the billing service?", "Clara owns billing"],
	])("%p is answered where hardly anything else is known", async (query, content) => {
		await using bench = await workbench();
		await bench.store({ id: "a", content });
		await bench.store({ content: "Lunch is at noon" });
		await bench.store({ content: "The printer wants blue ink" });
		const answer = await ask(bench, query);
		expect([answer.results[0]?.id, answer.abstain]).toEqual(["a", undefined]);
		expect((await ask(bench, "Which violin did Petronella buy in Cremona?")).abstain).toBe(true);
		expect((await ask(bench, "How tall is the Eiffel tower?")).abstain).toBe(true);
	});
});
