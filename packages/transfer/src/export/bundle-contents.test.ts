import { afterAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "@signet/db";
import { forget, modify } from "@signet/memory";
import { ana, type MemoryBench } from "@signet/memory/testing";
import fc from "fast-check";
import { openSource, writeBundle, writeManifest, writeRows } from "../formats/index.ts";
import { exportPage, type TransferRow } from "../index.ts";
import { home, taken } from "../testing/homes.ts";

const folder = mkdtempSync(join(tmpdir(), "signet-bundles-"));
afterAll(() => rmSync(folder, { recursive: true }));
let bundles = 0;

/** Write everything that is in a home into a bundle; small pages, so that there are several. */
async function write(bench: MemoryBench, path: string): Promise<void> {
	const bundle = await writeBundle(path);
	const counts = await writeRows(bundle, (kind, after) => exportPage(bench, kind, { after, limit: 7 }));
	writeManifest(bundle, counts, "2026-01-01T00:00:00.000Z");
	bundle.close();
}

async function read(path: string): Promise<TransferRow[]> {
	const source = await openSource(path);
	const rows: TransferRow[] = [];
	for await (const found of source.read()) {
		if ("why" in found || found.kind === "text") throw new Error(`${found.key} is no row of a bundle`);
		rows.push(found);
	}
	source.close();
	return rows;
}

/** Who said what to whom, when and in which order, of every memory that is not forgotten. */
function conversation({ database }: MemoryBench) {
	return database.read((reader) =>
		reader.all<{ id: string; content: string }>(sql`
			SELECT m.id, m.content, m.session_id, m.who, t.role, t.position, m.created_at
			FROM memories m LEFT JOIN sgn_turns t ON t.memory_id = m.id WHERE m.is_deleted = 0 ORDER BY m.rowid`),
	);
}

const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const name = fc.oneof(
	fc.constantFrom("ana", "ben", "user", "assistant"),
	fc.string({ unit: "grapheme", minLength: 1 }).filter((text) => text.trim() === text && text !== ""),
);
const turn = fc.record({
	content: fc.string({ unit: "grapheme", minLength: 1 }).filter((text) => /[a-z]/.test(text)),
	sessionId: optional(fc.oneof(fc.constantFrom("s1", "s2"), name)),
	who: optional(name),
	role: optional(name),
	position: optional(
		fc.oneof(fc.nat(20), fc.double({ min: 0, max: 1e9, noNaN: true }), fc.constant(Number.MAX_SAFE_INTEGER)),
	),
	createdAt: optional(
		fc
			.date({ min: new Date("2001-01-01"), max: new Date("2040-01-01"), noInvalidDate: true })
			.map((date) => date.toISOString()),
	),
	next: fc.constantFrom("stay", "stay", "stay", "forget", "pin"),
});

test("who said what, when, to whom and after what comes out of every bundle as it went in", async () => {
	await fc.assert(
		fc.asyncProperty(fc.array(turn, { maxLength: 30 }), fc.constantFrom("", ".zip", ".json"), async (turns, kind) => {
			await using there = await home();
			for (const { content, next, ...said } of turns) {
				const id = await there.keep(content, said);
				const request = { id, reason: "it came so" };
				if (next === "forget") await forget(there, { ...request, force: true }, ana);
				if (next === "pin") await modify(there, { ...request, patch: { pinned: true } }, ana);
			}
			const path = join(folder, `${++bundles}${kind}`);
			await write(there, path);
			await using here = await home();
			expect((await taken(here, await read(path))).outcomes).not.toContain("refused");
			expect(await conversation(here)).toEqual(await conversation(there));
			const again = join(folder, `${++bundles}${kind}`);
			await write(here, again);
			expect(await read(again)).toEqual(await read(path));
		}),
		{ numRuns: 60 },
	);
}, 60_000);

test("a bundle of before, which says nothing of turns, is taken as it was; what cannot be meant is left out", async () => {
	await using here = await home();
	const row = (id: string, more: object) => ({ id, content: `memory ${id}`, session_id: "s", ...more });
	const rows = [row("a", {}), row("b", { role: "user", position: 3 })];
	const odd = [row("c", { role: 7, position: "first" }), row("d", { role: " ", position: -1 })];
	const kept = [...rows, ...odd].map((each): TransferRow => ({ kind: "memory", key: each.id, row: each }));
	expect((await taken(here, kept)).outcomes).toEqual(["kept", "kept", "kept", "kept"]);
	expect(await conversation(here)).toMatchObject([
		{ id: "a", session_id: "s", role: null, position: null },
		{ id: "b", session_id: "s", role: "user", position: 3 },
		{ id: "c", session_id: "s", role: null, position: null },
		{ id: "d", session_id: "s", role: null, position: null },
	]);
});

describe("a bundle that cannot be made", () => {
	test("leaves nothing that was not there before", async () => {
		const empty = join(folder, "empty");
		mkdirSync(empty);
		for (const name of ["broken.zip", "broken.json", "new/folders/broken", "empty"]) {
			const path = join(folder, "under", name);
			mkdirSync(join(folder, "under"), { recursive: true });
			const bundle = await writeBundle(path);
			bundle.append("memories.jsonl", "half");
			bundle.abandon();
			expect(readdirSync(join(folder, "under"))).toEqual([]);
		}
		const bundle = await writeBundle(empty);
		bundle.append("identity/SOUL.md", "half");
		bundle.abandon();
		expect(readdirSync(empty)).toEqual([]);
	});

	test.each([".zip", ".json"])("harms no file of that name (%s)", async (kind) => {
		const path = join(folder, `mine${kind}`);
		writeFileSync(path, "mine");
		await expect(writeBundle(path)).rejects.toThrow("EEXIST");
		expect(readFileSync(path, "utf8")).toBe("mine");
	});
});
