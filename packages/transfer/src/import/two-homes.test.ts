import { expect, test } from "bun:test";
import { EVERYTHING } from "@signet/core";
import { sql } from "@signet/db";
import { erase, forget, modify, readHistory, recover, restore } from "@signet/memory";
import { ana, type MemoryBench } from "@signet/memory/testing";
import fc from "fast-check";
import { CARRIED, type TransferRow, undoImport } from "../index.ts";
import { exported, home, present, taken, textRow } from "../testing/homes.ts";

const ALL = 1_000;
const TABLES = {
	memory: "memories",
	event: "memory_history",
	entity: "entities",
	relation: "relations",
	mention: "memory_entity_mentions",
} as const;
const edit = (bench: MemoryBench, id: string, content: string) =>
	modify(bench, { id, reason: "it changed", patch: { content } }, ana);
const forgetIt = (bench: MemoryBench, id: string) => forget(bench, { id, reason: "gone", force: true }, ana);
const eventsOf = async ({ database }: MemoryBench, id: string) =>
	(await readHistory(database, id, { scope: EVERYTHING, order: "asc", limit: ALL }))?.history.map(
		({ event, version }) => [event, version],
	);

test("where a memory has two pasts, the one that is told is that of the workspace, and each version can be had back", async () => {
	await using there = await home();
	await using here = await home();
	const id = await there.keep("one");
	await taken(here, await exported(there));
	await edit(here, id, "two, here");
	for (const content of ["two, there", "three, there", "four, there"]) await edit(there, id, content);
	const bundle = await exported(there);
	const later = await taken(here, bundle);
	expect(later.outcomes).toEqual(["kept", "merged", "merged", "merged", "merged"]);
	expect(await here.row(id)).toMatchObject({ content: "four, there", version: 5 });
	expect(await eventsOf(here, id)).toEqual([
		["created", 1],
		["updated", 2],
		["merged", 5],
	]);
	// Nothing that is in it is new.
	expect(new Set((await taken(here, bundle)).outcomes)).toEqual(new Set(["merged"]));
	// Nor does it come back from there as a change.
	expect((await taken(there, await exported(here))).outcomes).not.toContain("refused");
	expect(await there.row(id)).toMatchObject({ content: "four, there", version: 4 });
	expect(await undoImport(here, later.id, ALL)).toEqual({ undone: 1, left: 0, remaining: 0 });
	expect((await here.row(id)).content).toBe("two, here");
	await restore(here, { id, reason: "back", version: 1 }, ana);
	expect((await here.row(id)).content).toBe("one");
});

test.each(["forgotten here", "the same, at a later version", "another, at the same version"])(
	"a memory that is %s keeps the past that it has",
	async (state) => {
		await using there = await home();
		await using here = await home();
		const id = await there.keep("one");
		const bundle = await exported(there);
		await taken(
			here,
			// The earlier daemon tells nothing of how a memory began.
			bundle.filter(({ kind }) => kind === "memory"),
		);
		if (state === "forgotten here") await forgetIt(here, id);
		if (state === "another, at the same version") await edit(here, id, "two, here");
		await edit(there, id, "two");
		if (state === "forgotten here") await edit(there, id, "three");
		if (state === "the same, at a later version") await edit(there, id, "one");
		const before = await exported(here);
		const { results } = await taken(here, await exported(there));
		expect(results[0]?.outcome).toBe(state === "forgotten here" ? "refused" : "merged");
		expect(results.slice(1).map(({ outcome }) => outcome)).not.toContain("kept");
		expect(await exported(here)).toEqual(before);
	},
);

test("what the earlier daemon wrote into a history says no versions, and is not counted for versions that there never were", async () => {
	await using here = await home();
	const event = (id: string, old_content: string, new_content: string): TransferRow => {
		const row = { id, memory_id: "m", event: "updated", old_content, new_content, metadata: null };
		return { kind: "event", key: id, row };
	};
	const memory = (content: string, version: number): TransferRow => {
		return { kind: "memory", key: "m", row: { id: "m", content, version } };
	};
	await taken(here, [memory("three", 3), event("1", "one", "two"), event("2", "two", "three")]);
	const later = await taken(here, [memory("nine", 9)]);
	expect(await here.row("m")).toMatchObject({ content: "nine", version: 10 });
	expect(await undoImport(here, later.id, ALL)).toMatchObject({ undone: 1, left: 0 });
	expect((await here.row("m")).content).toBe("three");
	await restore(here, { id: "m", reason: "back", version: 1 }, ana);
	expect((await here.row("m")).content).toBe("one");
});

test("other white space makes no other version", async () => {
	await using here = await home();
	const memory = (content: string, version: number): TransferRow => {
		return { kind: "memory", key: "m", row: { id: "m", content, version } };
	};
	const { id, outcomes } = await taken(here, [memory(" some\n tea ", 1), memory("some tea", 2)]);
	expect(outcomes).toEqual(["kept", "merged"]);
	expect(await here.row("m")).toMatchObject({ content: " some\n tea ", version: 1 });
	expect(await undoImport(here, id, ALL)).toMatchObject({ undone: 1, left: 0 });
	expect(await present(here)).toEqual({});
});

test("a bundle that was taken in half is taken in whole the next time, with its history", async () => {
	await using there = await home();
	await using here = await home();
	const id = await there.keep("one");
	await edit(there, id, "two");
	await edit(there, id, "three");
	const bundle = await exported(there);
	await taken(here, bundle.slice(0, 3));
	expect((await taken(here, bundle)).outcomes).toEqual(["merged", "merged", "merged", "kept"]);
	expect(await exported(here)).toEqual(bundle);
});

test("what is erased does not come back in the history of another memory", async () => {
	await using there = await home();
	await using here = await home();
	const id = await there.keep("the code is 4711");
	await edit(there, id, "the code was changed");
	const secret = await here.keep("the code is 4711");
	await erase(here, { id: secret, reason: "secret" }, ana);
	const bundle = await exported(there);
	const { results } = await taken(here, bundle);
	expect(results.map(({ outcome }) => outcome)).toEqual(["kept", "refused", "refused"]);
	expect(results[1]?.why).toContain("erased here");
	expect(JSON.stringify(await exported(here))).not.toContain("4711");
	await taken(here, bundle, { isRevived: true });
	expect(JSON.stringify(await exported(here))).toContain("4711");
});

test("what a memory said that is gone for good is not exported", async () => {
	await using there = await home();
	const { id } = { id: await there.keep("secret") };
	await erase(there, { id, reason: "secret" }, ana);
	const bundle = await exported(there);
	expect(bundle.map(({ kind }) => kind)).toEqual(["event"]);
	await using here = await home();
	await taken(here, bundle);
	expect(await exported(here)).toEqual(bundle);
});

test.each([
	["text", async () => [textRow("a secret")]],
	[
		"bundle",
		async () => {
			await using there = await home();
			await there.keep("a secret");
			return await exported(there);
		},
	],
])("what somebody forgot, and a %s was to bring back, stays forgotten when that is undone", async (_, rowsOf) => {
	await using here = await home();
	const id = await here.keep("a secret");
	await forgetIt(here, id);
	const rows = await rowsOf();
	expect((await taken(here, rows)).outcomes[0]).toBe("refused");
	const revived = await taken(here, rows, { isRevived: true });
	expect(revived.outcomes[0]).toBe("kept");
	expect(await undoImport(here, revived.id, ALL)).toMatchObject({ undone: 1, left: 0 });
	expect((await taken(here, rows)).outcomes[0]).toBe("refused");
	// With that in force, a row that nobody had forgotten still comes back.
	const other = await taken(here, [textRow("no secret")], { isRevived: true });
	await undoImport(here, other.id, ALL);
	expect((await taken(here, [textRow("no secret")])).outcomes).toEqual(["kept"]);
});

test.each(["tea was forgotten first", "tea was forgotten last"])(
	"a memory comes along with one that says the same and was forgotten: %s",
	async (order) => {
		await using there = await home();
		const isFirst = order.endsWith("first");
		const first = await there.keep(isFirst ? "tea" : "coffee");
		const second = await there.keep(isFirst ? "coffee" : "tea");
		const [gone, stays] = isFirst ? [first, second] : [second, first];
		await forgetIt(there, gone);
		await edit(there, stays, "tea");
		const bundle = await exported(there);
		await using here = await home();
		expect((await taken(here, bundle)).outcomes).not.toContain("refused");
		expect(await exported(here)).toEqual(bundle);
		// Where somebody has forgotten it, neither comes back.
		await using other = await home();
		await forgetIt(other, await other.keep("tea"));
		await taken(other, bundle);
		expect(await present(other)).toEqual({});
	},
);

test("an import is taken back from its end on: what was said before can be said again", async () => {
	await using there = await home();
	await using here = await home();
	const id = await there.keep("tea");
	await taken(here, await exported(there));
	await edit(there, id, "coffee");
	const other = await there.keep("water");
	await edit(there, other, "tea");
	const later = await taken(here, await exported(there));
	expect(Object.values(await present(here)).map(({ content }) => content)).toEqual(["coffee", "tea"]);
	expect(await undoImport(here, later.id, ALL)).toMatchObject({ undone: 2, left: 0 });
	expect(await present(here)).toEqual({ [id]: expect.objectContaining({ content: "tea" }) });
});

test("hostile rows of our own tables are refused, each for itself", async () => {
	await using here = await home();
	const event = { memory_id: "a", event: "updated" };
	const rows = [
		{ kind: "memory", row: { id: "a", content: "x", type: null, version: -1, created_at: null } },
		{ kind: "event", row: { ...event, id: "e1", created_at: null, changed_by: null } },
		{ kind: "event", row: { ...event, id: "e2", metadata: 7 } },
		{ kind: "event", row: { ...event, id: "e3", memory_id: "nobody" } },
		{ kind: "event", row: { ...event, id: null } },
		{ kind: "entity", row: { id: "n1", name: "N", entity_type: null, mentions: null } },
		{ kind: "entity", row: { id: "n2", name: "M", mentions: "many" } },
		{ kind: "relation", row: { id: "r1", source_entity_id: "n1", target_entity_id: "n9" } },
		{ kind: "relation", row: { id: "r2", source_entity_id: "n1", target_entity_id: "n1", strength: null } },
		{ kind: "mention", row: { memory_id: "a", entity_id: "n9" } },
		{ kind: "mention", row: { memory_id: "a", entity_id: "n1", confidence: null } },
	] as const;
	const { outcomes } = await taken(
		here,
		rows.map((row, at) => ({ ...row, key: `${at}` })),
	);
	expect(outcomes).toEqual([
		"kept",
		"kept",
		"refused",
		"refused",
		"refused",
		"kept",
		"refused",
		"refused",
		"kept",
		"refused",
		"kept",
	]);
	expect(await here.row("a")).toMatchObject({ type: "fact", version: 1 });
});

test("no column of ours is left empty that must not be, and what was not kept is not called merged", async () => {
	const whole = {
		memory: { id: "m", content: "tea" },
		event: { id: "e", memory_id: "a", event: "updated" },
		entity: { id: "n", name: "N" },
		relation: { id: "r", source_entity_id: "x", target_entity_id: "x" },
		mention: { memory_id: "a", entity_id: "x" },
	} as const;
	await using here = await home();
	// As a later version of the earlier daemon may have it.
	await here.database.write((writer) =>
		writer.run(sql`ALTER TABLE entities ADD COLUMN kind TEXT NOT NULL DEFAULT 'x'`),
	);
	await taken(here, [
		{ kind: "memory", key: "a", row: { id: "a", content: "anchor" } },
		{ kind: "entity", key: "x", row: { id: "x", name: "X" } },
	]);
	for (const kind of CARRIED) {
		const columns = await here.database.read((reader) =>
			reader.all<{ name: string; notnull: number; pk: number }>(
				sql`SELECT name, "notnull", pk FROM pragma_table_info(${TABLES[kind]})`,
			),
		);
		for (const { name } of columns.filter((column) => column.notnull === 1 || column.pk > 0)) {
			const row = { ...whole[kind], [name]: null };
			const { id, results } = await taken(here, [
				...(kind === "event" ? [{ kind: "memory", key: "a", row: { id: "a", content: "anchor" } } as const] : []),
				{ kind, key: name, row },
			]);
			const result = results.at(-1);
			expect([kind, name, result?.outcome]).not.toEqual([kind, name, "merged"]);
			if (result?.outcome === "refused") expect(result.why).toMatch(/missing|needs|must not be empty/);
			await undoImport(here, id, ALL);
			await here.database.write((writer) => writer.run(sql`DELETE FROM memory_history WHERE id = 'e'`));
			await here.database.write((writer) => writer.run(sql`DELETE FROM memories WHERE id = 'm'`));
		}
	}
});

const texts = fc.oneof(
	fc.constantFrom("tea", "Tea.", "coffee", "a, b", "x"),
	fc.string({ unit: "grapheme", minLength: 1 }),
);
const step = fc.oneof(
	fc.record({ do: fc.constant("keep" as const), text: texts }),
	fc.record({ do: fc.constantFrom("edit" as const), text: texts, at: fc.nat(9) }),
	fc.record({ do: fc.constantFrom("pin" as const, "forget" as const, "recover" as const), at: fc.nat(9) }),
);

async function live(bench: MemoryBench, steps: readonly (typeof step extends fc.Arbitrary<infer S> ? S : never)[]) {
	for (const one of steps) {
		if (one.do === "keep") {
			await bench.keep(one.text, { tags: one.text.length % 2 === 0 ? "even" : null }).catch(() => undefined);
			continue;
		}
		const rows = (await exported(bench)).filter(({ kind }) => kind === "memory");
		const row = rows[one.at % Math.max(1, rows.length)];
		if (row?.kind !== "memory" || typeof row.row.id !== "string") continue;
		const request = { id: row.row.id, reason: "it came so" };
		if (one.do === "edit") {
			if (one.text.trim() !== "") await modify(bench, { ...request, patch: { content: one.text } }, ana);
		} else if (one.do === "pin") await modify(bench, { ...request, patch: { pinned: row.row.pinned !== 1 } }, ana);
		else if (one.do === "forget") await forget(bench, { ...request, force: true }, ana);
		else await recover(bench, request, ana);
	}
}

test("whatever was lived through, export and import is the identity; twice is once; and what was undone never was", async () => {
	await fc.assert(
		fc.asyncProperty(
			fc.array(step, { maxLength: 15 }),
			fc.array(step, { maxLength: 8 }),
			fc.array(step, { maxLength: 8 }),
			async (first, second, third) => {
				await using there = await home();
				await using here = await home();
				await live(there, first);
				const bundle = await exported(there);
				expect((await taken(here, bundle)).outcomes).not.toContain("refused");
				expect(await exported(here)).toEqual(bundle);

				await live(there, second);
				await live(here, third);
				const before = await present(here);
				const later = await exported(there);
				const { id } = await taken(here, later);
				const merged = await exported(here);
				expect((await taken(here, later)).outcomes).not.toContain("kept");
				expect(await exported(here)).toEqual(merged);
				expect(await undoImport(here, id, ALL)).toMatchObject({ left: 0, remaining: 0 });
				expect(await present(here)).toEqual(before);
			},
		),
		{ numRuns: 40 },
	);
}, 60_000);
