import { expect, test } from "bun:test";
import { EVERYTHING, parseTime } from "@signet/core";
import fc from "fast-check";
import { insertMemory, readListed, sql } from "../index.ts";
import { CREATED_MS } from "../sqlite/created-ms.ts";
import { newMemory, temporaryDatabase } from "../testing/index.ts";

test("the index is over what lists are ordered by", async () => {
	await using temporary = await temporaryDatabase();
	const indices = await temporary.database.read((reader) =>
		reader.all<{ sql: string }>(
			sql`SELECT sql FROM sqlite_master WHERE name IN ('sgn_memories_listed', 'sgn_memories_tombstones')`,
		),
	);
	expect(indices).toHaveLength(2);
	for (const index of indices) expect(index.sql).toContain(CREATED_MS.sql.replaceAll("m.", ""));
});

test("a stored time means what it means elsewhere; what is none is as old as can be", async () => {
	await using temporary = await temporaryDatabase();
	const { database } = temporary;
	const createdMs = async (createdAt: string) => {
		await database.write(async (writer) => {
			await writer.run(sql`DELETE FROM memories`);
			await insertMemory(writer, newMemory({ id: "m", createdAt }));
		});
		return (await database.read((reader) => readListed(reader, { filter: { scope: EVERYTHING } }, {}, { limit: 1 })))[0]
			?.createdMs;
	};
	const moment = fc
		.date({ min: new Date("1970-01-01T00:00:00Z"), max: new Date("2099-12-31T23:59:59Z"), noInvalidDate: true })
		.map((date) => date.toISOString());
	const forms = fc.tuple(moment, fc.constantFrom("iso", "sqlite", "seconds", "day", "offset")).map(([iso, form]) => {
		switch (form) {
			case "sqlite":
				return iso.slice(0, 19).replace("T", " ");
			case "seconds":
				return `${iso.slice(0, 19)}Z`;
			case "day":
				return iso.slice(0, 10);
			case "offset":
				return iso.replace("Z", "-07:30");
			default:
				return iso;
		}
	});
	await fc.assert(
		fc.asyncProperty(forms, async (text) => expect([text, await createdMs(text)]).toEqual([text, parseTime(text)])),
	);
	for (const text of ["now", "subsec", "", "yesterday"]) expect([text, await createdMs(text)]).toEqual([text, 0]);
});
