import { describe, expect, test } from "bun:test";
import { EVERYTHING, isoTime, type MemoryFilter } from "@signet/core";
import { insertMemory, type ListedMemory, type Listing, type ListPosition, sql } from "@signet/db";
import { newMemory, type TemporaryDatabase, temporaryDatabase } from "@signet/db/testing";
import fc from "fast-check";
import { browseMemories } from "./index.ts";

const START_MS = Date.UTC(2026, 0, 1);

interface Kept {
	readonly id: string;
	readonly atMs: number;
	readonly type: string;
	readonly isForgotten: boolean;
}

/** Few moments, so that many memories share one; stored in either form. */
const memories = fc.uniqueArray(
	fc.record({
		id: fc.stringMatching(/^[a-zA-Z0-9é_'%-]{1,6}$/),
		atMs: fc.integer({ min: 0, max: 5 }).map((seconds) => START_MS + seconds * 1_000),
		isSqliteForm: fc.boolean(),
		type: fc.constantFrom("fact", "rule"),
		isForgotten: fc.boolean(),
	}),
	{ selector: ({ id }) => id, maxLength: 40 },
);
type Generated = typeof memories extends fc.Arbitrary<(infer T)[]> ? T : never;

async function store(
	{ database }: TemporaryDatabase,
	{ id, atMs, isSqliteForm, type, isForgotten }: Generated,
): Promise<void> {
	const iso = isoTime(atMs);
	const createdAt = isSqliteForm ? iso.slice(0, 19).replace("T", " ") : iso;
	await database.write(async (writer) => {
		await insertMemory(writer, newMemory({ id, createdAt, type }));
		if (isForgotten) await writer.run(sql`UPDATE memories SET is_deleted = 1, deleted_at = ${iso} WHERE id = ${id}`);
	});
}

/** What a list should hold, in order, by a plain rule. */
function expected(kept: readonly Kept[], { filter, standing = "active", order = "desc" }: Listing): string[] {
	const bytes = (id: string) => Buffer.from(id);
	return kept
		.filter(({ isForgotten }) => standing === "any" || isForgotten === (standing === "forgotten"))
		.filter(({ type }) => filter.type === undefined || type === filter.type)
		.sort((a, b) => (a.atMs - b.atMs || Buffer.compare(bytes(a.id), bytes(b.id))) * (order === "asc" ? 1 : -1))
		.map(({ id }) => id);
}

const listings: fc.Arbitrary<Listing> = fc.record({
	filter: fc.constantFrom<MemoryFilter>({ scope: EVERYTHING }, { scope: EVERYTHING, type: "rule" }),
	standing: fc.constantFrom("active", "forgotten", "any"),
	order: fc.constantFrom("asc", "desc"),
});

/** A page, read in parts, the first of two memories. */
async function pageOf(...[context, listing, request]: Parameters<typeof browseMemories>) {
	const { parts, next } = await browseMemories(context, listing, { partSize: 2, ...request });
	const memories: ListedMemory[] = [];
	for await (const part of parts) {
		if (memories.length === 0) expect(part.length).toBeLessThanOrEqual(2);
		memories.push(...part);
	}
	return { memories, next: next() };
}

async function readAll(
	temporary: TemporaryDatabase,
	listing: Listing,
	limit: number,
	betweenPages = () => Promise.resolve(),
): Promise<string[]> {
	const ids: string[] = [];
	for (let after: ListPosition | undefined; ; ) {
		const { memories, next } = await pageOf(temporary, listing, { after, offset: 0, limit });
		ids.push(...memories.map(({ id }) => id));
		if (!next) return ids;
		after = next;
		await betweenPages();
	}
}

describe("paging", () => {
	test("gives each memory once, in order, whatever the page size", async () => {
		await fc.assert(
			fc.asyncProperty(memories, listings, fc.integer({ min: 1, max: 12 }), async (kept, listing, limit) => {
				await using temporary = await temporaryDatabase();
				for (const memory of kept) await store(temporary, memory);
				expect(await readAll(temporary, listing, limit)).toEqual(expected(kept, listing));
			}),
			{ numRuns: 40 },
		);
	});

	test("gives what was there at first once, while others come and go", async () => {
		await fc.assert(
			fc.asyncProperty(
				memories,
				memories,
				listings,
				fc.integer({ min: 1, max: 5 }),
				async (kept, added, listing, limit) => {
					await using temporary = await temporaryDatabase();
					for (const memory of kept) await store(temporary, memory);
					const known = new Set(kept.map(({ id }) => id));
					const coming = added.filter(({ id }) => !known.has(id));
					const seen = await readAll(temporary, listing, limit, async () => {
						const next = coming.pop();
						if (next) await store(temporary, next);
					});
					expect(new Set(seen).size).toBe(seen.length);
					expect(seen.filter((id) => known.has(id))).toEqual(expected(kept, listing));
				},
			),
			{ numRuns: 40 },
		);
	});

	test("an offset passes over as many as it says, with a cursor and without", async () => {
		await fc.assert(
			fc.asyncProperty(memories, listings, fc.nat(15), fc.nat(10), async (kept, listing, offset, before) => {
				await using temporary = await temporaryDatabase();
				for (const memory of kept) await store(temporary, memory);
				const all = expected(kept, listing);
				const { memories: first, next } = await pageOf(temporary, listing, { offset: 0, limit: before + 1 });
				const page = await pageOf(temporary, listing, { after: next, offset, limit: 5 });
				const from = (next ? first.length : 0) + offset;
				expect(page.memories.map(({ id }) => id)).toEqual(all.slice(from, from + 5));
			}),
			{ numRuns: 40 },
		);
	});

	test("goes on through many memories that are not meant", async () => {
		await using temporary = await temporaryDatabase();
		await temporary.database.write(async (writer) => {
			for (let n = 0; n < 5_000; n++) {
				const createdAt = isoTime(START_MS + n);
				await insertMemory(writer, newMemory({ id: `m${n}`, createdAt, type: n % 2_499 === 0 ? "rule" : "fact" }));
			}
		});
		const listing = { filter: { scope: EVERYTHING, type: "rule" } };
		expect(await readAll(temporary, listing, 1)).toEqual(["m4998", "m2499", "m0"]);
		const { memories, next } = await pageOf(temporary, listing, { offset: 2, limit: 5 });
		expect([memories.map(({ id }) => id), next]).toEqual([["m0"], undefined]);
	});
});

test("of long memories few are held at the same time", async () => {
	await using temporary = await temporaryDatabase();
	await temporary.database.write(async (writer) => {
		for (let n = 0; n < 20; n++) {
			const isLong = n < 10;
			const content = isLong ? "long ".repeat(50_000) : "short";
			await insertMemory(
				writer,
				newMemory({ id: `m${n}`, createdAt: isoTime(START_MS + n), content: `${n} ${content}` }),
			);
		}
	});
	const request = { offset: 0, limit: 18, partSize: 2 };
	const { parts } = await browseMemories(temporary, { filter: { scope: EVERYTHING } }, request);
	const sizes = (await Array.fromAsync(parts)).map(({ length }) => length);
	expect(sizes).toEqual([2, 4, 8, 2, 2]);
});

test("words are looked for as they stand, among forgotten ones too when those are meant", async () => {
	await using temporary = await temporaryDatabase();
	const { database } = temporary;
	await database.write(async (writer) => {
		await insertMemory(writer, newMemory({ id: "a", content: "The cache-keys carry a version" }));
		await insertMemory(writer, newMemory({ id: "b", content: "Keys of the old cache" }));
		await writer.run(sql`UPDATE memories SET is_deleted = 1 WHERE id = 'b'`);
	});
	const found = async (words: string, standing: NonNullable<Listing["standing"]>) =>
		(await pageOf(temporary, { filter: { scope: EVERYTHING }, words, standing }, { offset: 0, limit: 9 })).memories.map(
			({ id }) => id,
		);
	expect(await found("keys cache", "active")).toEqual(["a"]);
	expect(await found("keys cache", "any")).toEqual(["b", "a"]);
	expect(await found("keys cache", "forgotten")).toEqual(["b"]);
	expect(await found("cache-keys", "any")).toEqual(["a"]);
	expect(await found("vers*", "any")).toEqual(["a"]);
	expect(await found('" OR *', "any")).toEqual([]);
	expect(await found("-", "any")).toEqual([]);
});
