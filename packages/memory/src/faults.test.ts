import { expect, test } from "bun:test";
import { EVERYTHING } from "@signet/core";
import { sql } from "@signet/db";
import { type DiskFailure, withFailingStatement } from "@signet/db/testing";
import { forget, forgetBatch, modify, modifyBatch, recover, remember, restore } from "./index.ts";
import { ana, type MemoryBench, memoryBench } from "./testing/memory-bench.ts";

const reason = "because";

/** An operation on a memory that is there, `kept`, and one that was forgotten. */
type Operation = (bench: MemoryBench, ids: { readonly kept: string; readonly forgotten: string }) => Promise<unknown>;

const operations: Readonly<Record<string, Operation>> = {
	remember: (bench) => remember(bench, { content: "Something new", idempotencyKey: "k" }, ana),
	"remember of the same source": (bench) =>
		remember(bench, { content: "The wiki says otherwise", sourceType: "wiki", sourceId: "W-1" }, ana),
	"remember of what was forgotten": (bench) => remember(bench, { content: "Forgotten before" }, ana),
	modify: (bench, { kept }) => modify(bench, { id: kept, reason, patch: { content: "Changed", tags: "x" } }, ana),
	forget: (bench, { kept }) => forget(bench, { id: kept, reason, force: false }, ana),
	recover: (bench, { forgotten }) => recover(bench, { id: forgotten, reason }, ana),
	restore: (bench, { kept }) => restore(bench, { id: kept, reason, version: 1 }, ana),
	"modify several": (bench, { kept, forgotten }) =>
		modifyBatch(
			bench,
			[kept, forgotten].map((id) => ({ id, reason, patch: { importance: 0.1 } })),
			ana,
			{ isAtomic: false },
		),
	"forget several": (bench) =>
		forgetBatch(bench, { filter: { scope: EVERYTHING, who: "daemon" } }, { reason, force: true, isAtomic: true }, ana),
};

async function prepared(): Promise<{ bench: MemoryBench; ids: { kept: string; forgotten: string } }> {
	const bench = await memoryBench();
	const kept = await bench.keep("The wiki says so", { sourceType: "wiki", sourceId: "W-1" });
	await modify(bench, { id: kept, reason, patch: { type: "rule" } }, ana);
	const forgotten = await bench.keep("Forgotten before");
	await bench.keep("Another one");
	await forget(bench, { id: forgotten, reason, force: false }, ana);
	return { bench, ids: { kept, forgotten } };
}

/** All that operations write, without ids and times. */
function stateOf({ database }: MemoryBench): Promise<unknown> {
	return database.read(async (reader) => ({
		memories: await reader.all(sql`
			SELECT content, normalized_content, content_hash, type, tags, importance, pinned, version, update_count,
				is_deleted, deleted_at IS NULL AS isKept, updated_by, source_id FROM memories ORDER BY content`),
		history: await reader.all(sql`
			SELECT event, old_content, new_content, metadata, reason, changed_by FROM memory_history ORDER BY rowid`),
		jobs: await reader.all(sql`SELECT job_type, status FROM memory_jobs ORDER BY rowid`),
		requests: await reader.all(sql`SELECT key, content_hash FROM sgn_requests`),
	}));
}

/** What is derived must follow, if not at once. */
async function expectInStep({ database, documents }: MemoryBench): Promise<void> {
	await database.write(async (writer) => {
		await writer.run(sql`INSERT INTO memories_fts (memories_fts, rank) VALUES ('integrity-check', 1)`);
	});
	await documents.catchUp();
	const unlike = await database.read((reader) =>
		reader.all(sql`
			SELECT m.id FROM memories m LEFT JOIN sgn_documents d ON d.memory_id = m.id AND d.text_end = length(m.content)
			WHERE (m.is_deleted = 0) <> (d.doc IS NOT NULL)`),
	);
	expect(unlike).toEqual([]);
}

/** What whoever asked is told. */
const FAILURES = {
	SQLITE_FULL: "storage_full",
	SQLITE_READONLY: "storage_read_only",
	SQLITE_IOERR_WRITE: "storage_failed",
} as const satisfies Record<DiskFailure, string>;
const DISK_FAILURES = ["SQLITE_FULL", "SQLITE_READONLY", "SQLITE_IOERR_WRITE"] as const;

for (const [name, operation] of Object.entries(operations)) {
	test(`${name}: whichever statement fails, all of it is done or nothing, and the answer says why`, async () => {
		const whole = await prepared();
		const before = await stateOf(whole.bench);
		await operation(whole.bench, whole.ids);
		const after = await stateOf(whole.bench);
		await whole.bench[Symbol.asyncDispose]();
		expect(after).not.toEqual(before);
		let refused = 0;
		for (let n = 1, isReached = true; isReached; n++) {
			const { bench, ids } = await prepared();
			const failure = DISK_FAILURES[n % DISK_FAILURES.length] ?? "SQLITE_FULL";
			const { hasFailed, result } = await withFailingStatement(n, failure, () => operation(bench, ids));
			if (result.status === "rejected") {
				refused++;
				expect(result.reason).toMatchObject({ status: 503, code: FAILURES[failure] });
			}
			const state = await stateOf(bench);
			// What was refused may have been done: the answer got lost on the way. What was acknowledged was done.
			if (result.status === "fulfilled" || !Bun.deepEquals(state, before)) expect([n, state]).toEqual([n, after]);
			await expectInStep(bench);
			await bench[Symbol.asyncDispose]();
			isReached = hasFailed;
		}
		expect(refused).toBeGreaterThan(5);
	}, 60_000);
}
