import { expect, test } from "bun:test";
import fc from "fast-check";
import { temporaryDaemon } from "../testing/temporary-daemon.ts";

const value = fc.oneof(
	{ depthSize: "small" },
	fc.constantFrom<unknown>(
		null,
		true,
		0,
		-1,
		1e300,
		2 ** 53,
		"",
		"a",
		" ",
		"\u0000",
		"\ud800",
		"9".repeat(5_000),
		[],
		{},
	),
	fc.jsonValue({ maxDepth: 2 }),
);
const id = fc.constantFrom("a", "b", "c");
/** Rows as they should be, with a few members that should not. */
const spoilt = (members: Record<string, fc.Arbitrary<unknown>>, more: readonly string[] = []) =>
	fc
		.tuple(fc.record(members), fc.dictionary(fc.constantFrom(...Object.keys(members), ...more), value, { maxKeys: 2 }))
		.map(([good, bad]) => ({ ...good, ...bad }));
const texts = fc.constantFrom("tea", "coffee", "Tea!", "water");
const carried = (kind: string, row: fc.Arbitrary<object>) =>
	fc.record({ kind: fc.constant(kind), key: fc.string(), row });
const memory = spoilt({ id, content: texts, version: fc.nat(3) }, [
	...["type", "is_deleted", "deleted_at", "created_at", "updated_at", "updated_by", "tags", "pinned", "importance"],
	...["content_hash", "idempotency_key", "source_type", "source_id", "vector_clock", "session_id", "rowid", "nonsense"],
]);
const event = spoilt(
	{ id: fc.uuid(), memory_id: id, event: fc.constantFrom("created", "updated", "deleted", "erased") },
	[...["metadata", "old_content", "new_content", "changed_by", "reason", "created_at"]],
);
const row = fc.oneof(
	value,
	fc.record({
		kind: fc.constant("text"),
		key: fc.string(),
		memory: spoilt({ content: texts }, [
			"who",
			"createdAt",
			"tags",
			"type",
			"sourceType",
			"sourceId",
			"idempotencyKey",
		]),
	}),
	carried("memory", memory),
	carried("event", event),
	carried("entity", spoilt({ id, name: texts }, ["entity_type", "mentions", "description"])),
	carried("relation", spoilt({ id, source_entity_id: id, target_entity_id: id }, ["strength", "metadata"])),
	carried("mention", spoilt({ memory_id: id, entity_id: id }, ["confidence", "mention_text", "created_at"])),
);

test("no row whatever makes an import fail, and each gets an answer; nor is there one that cannot be exported or undone", async () => {
	await using daemon = await temporaryDaemon();
	const { json } = await daemon.send("POST", "/api/imports", { source: "x", format: "jsonl" });
	const { json: trial } = await daemon.send("POST", "/api/imports", { source: "x", format: "jsonl", dry_run: true });
	await fc.assert(
		fc.asyncProperty(fc.array(row, { maxLength: 20 }), fc.boolean(), fc.boolean(), async (rows, isTried, revive) => {
			const answer = await daemon.send("POST", `/api/imports/${isTried ? trial.id : json.id}/rows`, { rows, revive });
			expect(answer.status).toBe(200);
			expect(answer.json.results).toHaveLength(rows.length);
			for (const { outcome, why } of answer.json.results) {
				expect(["kept", "merged", "refused"]).toContain(outcome);
				if (outcome === "refused") expect(why).toBeString();
			}
		}),
		{ numRuns: 500 },
	);
	for (const kind of ["memory", "event", "entity", "relation", "mention"]) {
		expect((await daemon.send("GET", `/api/export/${kind}?limit=1000`)).status).toBe(200);
	}
	expect((await daemon.send("GET", "/api/memories?limit=1000")).status).toBe(200);
	for (let remaining = 1; remaining > 0; ) {
		const undone = await daemon.send("POST", `/api/imports/${json.id}/undo`, {});
		expect(undone.status).toBe(200);
		remaining = undone.json.remaining;
	}
	expect((await daemon.send("GET", "/api/memories")).json.stats.total).toBe(0);
	expect(daemon.log.filter(({ level }) => level === "error")).toEqual([]);
}, 60_000);

test.each([
	["POST", "/api/imports", {}, 400, "source"],
	["POST", "/api/imports", { source: 7, format: "x" }, 400, "source"],
	["POST", "/api/imports", [], 400, "JSON object"],
	["POST", "/api/imports/nobody/rows", { rows: [{ kind: "text", key: "1", memory: { content: "x" } }] }, 404, "nobody"],
	["POST", "/api/imports/nobody/rows", { rows: "all" }, 400, "rows"],
	["POST", "/api/imports/nobody/rows", { rows: Array.from({ length: 501 }, () => 1) }, 400, "500"],
	["POST", "/api/imports", { source: "x", format: "x", dry_run: "perhaps" }, 400, "dry_run"],
	["POST", "/api/imports/nobody/complete", { account: {} }, 404, "nobody"],
	["POST", "/api/imports/nobody/undo", {}, 404, "nobody"],
	["GET", "/api/export/secrets", undefined, 400, "memory, event"],
	["GET", "/api/export/memory?after=x", undefined, 400, "after"],
	["GET", "/api/imports?limit=x", undefined, 400, "limit"],
] as const)("%s %s is answered in words", async (method, path, body, status, word) => {
	await using daemon = await temporaryDaemon();
	const answer = await daemon.send(method, path, body);
	expect(answer.status).toBe(status);
	expect(answer.json.error).toContain(word);
});
