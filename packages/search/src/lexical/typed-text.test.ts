import { expect, test } from "bun:test";
import { EVERYTHING } from "@signet/core";
import { insertMemory } from "@signet/db";
import { newMemory } from "@signet/db/testing";
import { matchTypedText } from "../index.ts";
import { type Workbench, workbench } from "../testing/workbench.ts";

const WORDS_ONLY = "embedding:\n  provider: none\n";

const found = async (bench: Workbench, text: string) =>
	(await matchTypedText(bench, text, { filter: { scope: EVERYTHING }, limit: 10 })).map(({ id }) => id);

test("what has all words is found, however many newer ones have the longest", async () => {
	await using bench = await workbench(WORDS_ONLY);
	await bench.store({ id: "move", content: "データベースの移行は金曜日です" });
	await bench.database.write(async (writer) => {
		for (let n = 0; n < 300; n++) await insertMemory(writer, newMemory({ id: `${n}`, content: `データベース ${n}` }));
	});
	await bench.documents.catchUp();
	expect(await found(bench, "データベース 移行")).toEqual(["move"]);
});

test("words may stand in different chunks of a memory", async () => {
	await using bench = await workbench(WORDS_ONLY);
	const filling = "The garden was watered by the team again.\n\n".repeat(200);
	await bench.store({ id: "long", content: `データベース\n\n${filling}移行` });
	expect(await found(bench, "データベース 移行")).toEqual(["long"]);
});

test("whatever the length of what was typed, nothing fails", async () => {
	await using bench = await workbench(WORDS_ONLY);
	await bench.store({ content: "データベースの移行は金曜日です" });
	const all = Array.from({ length: 8000 }, (_, n) => String.fromCodePoint(0x4e00 + n));
	expect(await found(bench, all.join(""))).toEqual([]);
	expect(await found(bench, all.slice(0, 100).join(" "))).toEqual([]);
});
