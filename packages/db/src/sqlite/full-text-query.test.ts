import { expect, test } from "bun:test";
import { EVERYTHING } from "@signet/core";
import fc from "fast-check";
import { insertMemory, searchMemoriesFts } from "../index.ts";
import { newMemory } from "../testing/new-memory.ts";
import { temporaryDatabase } from "../testing/temporary-database.ts";
import { fullTextQuery } from "./full-text-query.ts";

test.each([
	["cache deploy", '"cache" AND "deploy"'],
	["cache-keys", '"cache-keys"'],
	['"version prefix" cache', '"version prefix" AND "cache"'],
	["deplo*", '"deplo"*'],
	['"after every dep"*', '"after every dep"*'],
	["**deplo** *deplo*", '"**deplo" AND "*deplo"*'],
	['say "hello', '"say" AND "hello"'],
	["a OR NOT content:b", '"a" AND "OR" AND "NOT" AND "content:b"'],
	["(a) & {b}", '"(a)" AND "{b}"'],
	["東京", '"東京"'],
	["* - \" \0 ''", undefined],
	["", undefined],
])("%j is %p", (text, query) => {
	expect(fullTextQuery(text)).toBe(query);
});

test("no text is a syntax error, and a word finds itself in whatever stands around it", async () => {
	await using temporary = await temporaryDatabase();
	const { database } = temporary;
	await database.write((writer) => insertMemory(writer, newMemory({ id: "m", content: "the quokka smiles" })));
	const search = (text: string) =>
		database.read((reader) => searchMemoriesFts(reader, text, { filter: { scope: EVERYTHING }, limit: 5 }));
	const noise = fc.string({ unit: fc.constantFrom(..."\"'*^+-:(){}[]<>|&~\\/,.;!?%#@ \0\n"), maxLength: 12 });
	await fc.assert(
		fc.asyncProperty(noise, noise, async (before, after) => {
			const matches = await search(`${before} quokka ${after}`);
			expect(matches.map(({ id }) => id)).toEqual(["m"]);
		}),
	);
	await fc.assert(fc.asyncProperty(fc.string({ unit: "binary" }), async (text) => void (await search(text))));
});
