import { describe, expect, test } from "bun:test";
import { EVERYTHING } from "@signet/core";
import fc from "fast-check";
import { recall } from "../index.ts";
import { type Workbench, workbench } from "../testing/workbench.ts";

const WORDS_ONLY = "embedding:\n  provider: none\n";
const ask = async (bench: Workbench, query: string) => {
	const { results } = await recall(bench, { query, limit: 20, filter: { scope: EVERYTHING } });
	return results.map(({ id }) => id).sort();
};

describe("a star", () => {
	const texts: Record<string, string> = {
		deployment: "The deployment went well",
		deployed: "We deployed it twice",
		depot: "The depot is closed",
		ids: "Rename user_ids in the table",
		identity: "Her identity is secret",
		files: "Look at src/db.ts first",
		database: "src/database.ts is older",
		organ: "The organization of the fair",
		setup: "The configuration is kept in a file",
		connection: "A connection is lost at night",
		city: "東京タワーに行きました",
		mixed: "Docker環境を構築した",
	};
	test.each([
		["deploy*", ["deployed", "deployment"]],
		["user_id*", ["ids"]],
		["src/db*", ["database", "files"]],
		["src/*", ["database", "files"]],
		["organiz*", ["organ"]],
		["configurat*", ["setup"]],
		["connectio*", ["connection"]],
		["東*", ["city"]],
		["東", ["city"]],
		["docker", ["mixed"]],
		["環境*", ["mixed"]],
		["in* lighthouse", ["ids", "setup"]],
		["**deploy** lighthouse", ["deployed", "deployment"]],
		["**in** lighthouse", []],
	])("%s", async (query, found) => {
		await using bench = await workbench(WORDS_ONLY);
		for (const [id, content] of Object.entries(texts)) await bench.store({ id, content });
		expect(await ask(bench, query)).toEqual(found.sort());
		if (query === "src/db*") {
			const { results } = await recall(bench, { query, limit: 1, filter: { scope: EVERYTHING } });
			expect(results[0]?.id).toBe("files");
		}
	});

	test("is one in the ranking of the reference too", async () => {
		await using bench = await workbench(`${WORDS_ONLY}search:\n  profile: reference\n  min_score: 0\n`);
		for (const [id, content] of Object.entries(texts)) await bench.store({ id, content });
		expect(await ask(bench, "deploy*")).toEqual(["deployed", "deployment"]);
		expect(await ask(bench, "user_id*")).toEqual(["ids"]);
		// Emphasis, as Markdown has it.
		expect(await ask(bench, "**depo**")).toEqual([]);
	});

	test("wherever it stands, nothing fails", async () => {
		await using bench = await workbench(WORDS_ONLY);
		for (const [id, content] of Object.entries(texts)) await bench.store({ id, content });
		const pieces = fc.constantFrom(
			"*",
			'"',
			"'",
			"’",
			"-",
			"/",
			"_",
			".",
			" ",
			"a",
			"deploy",
			"東",
			"é",
			"(",
			"^",
			"\0",
			"𝒳",
		);
		await fc.assert(
			fc.asyncProperty(fc.array(pieces, { minLength: 1, maxLength: 12 }), async (parts) => {
				const query = parts.join("");
				for (const profile of ["signet", "reference"]) {
					bench.configure(`${WORDS_ONLY}search:\n  profile: ${profile}\n`);
					await recall(bench, { query, limit: 5, filter: { scope: EVERYTHING } });
				}
			}),
			{ numRuns: 200 },
		);
	}, 30_000);
});
