import { expect, test } from "bun:test";
import { type Database, insertMemory, putTurn, sql } from "@signet/db";
import fc from "fast-check";
import { type Workbench, workbench } from "../testing/workbench.ts";
import { Conversations } from "./conversations.ts";

const SENTENCES = "We walked along the harbour and talked about the lighthouse and its keeper. ".repeat(12);

type Change = { readonly at: number; readonly text: number; readonly do: "say" | "rephrase" | "forget" | "move" };
const changes = fc.array(
	fc.record({
		at: fc.nat(7),
		text: fc.nat(99),
		do: fc.constantFrom<Change["do"]>("say", "say", "rephrase", "forget", "move"),
	}),
	{ minLength: 1, maxLength: 5 },
);

/** Apply changes in one commit, as far as they make sense. */
function commit(database: Database, some: readonly Change[], isTold: Set<number>): Promise<void> {
	return database.write(async (writer) => {
		for (const { at, text, do: what } of some) {
			const id = `turn-${at}`;
			const content = `${text % 5 === 0 ? SENTENCES : ""}Sentence ${text}`;
			if (what === "say" && !isTold.has(at)) {
				isTold.add(at);
				await writer.run(sql`DELETE FROM memories WHERE id = ${id}`);
				await putTurn(writer, id, { position: at, role: null });
				await insertMemory(writer, turn(id, content, text % 3 === 0 ? "other" : "talk"));
			} else if (what === "rephrase") {
				await writer.run(sql`UPDATE memories SET content = ${content} WHERE id = ${id}`);
			} else if (what === "forget") {
				await writer.run(sql`UPDATE memories SET is_deleted = 1 WHERE id = ${id}`);
				isTold.delete(at);
			} else if (what === "move") {
				await writer.run(sql`UPDATE memories SET session_id = ${text % 2 ? "talk" : "other"} WHERE id = ${id}`);
			}
		}
	});
}

function turn(id: string, content: string, sessionId: string): Parameters<typeof insertMemory>[1] {
	return {
		...{ id, content, sessionId, normalizedContent: content, contentHash: `${id} ${content}`, type: "fact" },
		...{ category: null, confidence: 1, importance: 0.5, tags: null, pinned: false, who: "ana", why: null },
		...{ project: null, sourceType: "manual", sourceId: null, idempotencyKey: null, runtimePath: null },
		...{ extractionStatus: "none", createdAt: "2026-01-01", updatedAt: "2026-01-01", updatedBy: "ana" },
	};
}

async function placesIn(conversations: Conversations, { database }: Workbench) {
	await conversations.ready();
	const rows = await database.read((reader) => reader.all<{ doc: number }>(sql`SELECT doc FROM sgn_documents`));
	return rows.map(({ doc }) => ({ doc, previous: conversations.previous(doc), next: conversations.next(doc) }));
}

test("whatever comes and goes in whatever commits, turns follow each other as they do after the next start", async () => {
	await fc.assert(
		fc.asyncProperty(fc.array(changes, { minLength: 1, maxLength: 12 }), async (commits) => {
			await using bench = await workbench("embedding:\n  provider: none\n");
			await bench.corpus.conversations.ready();
			const isTold = new Set<number>();
			for (const some of commits) await commit(bench.database, some, isTold);
			await bench.documents.catchUp();
			const loaded = new Conversations(bench.database, bench.world.timers);
			expect(await placesIn(bench.corpus.conversations, bench)).toEqual(await placesIn(loaded, bench));
		}),
		{ numRuns: 40 },
	);
}, 60_000);

test("what comes and goes while they are loaded is not lost", async () => {
	await fc.assert(
		fc.asyncProperty(fc.array(changes, { minLength: 2, maxLength: 8 }), fc.nat(7), async (commits, before) => {
			await using bench = await workbench("embedding:\n  provider: none\n");
			const isTold = new Set<number>();
			for (const some of commits.slice(0, before)) await commit(bench.database, some, isTold);
			const loading = bench.corpus.conversations.ready();
			for (const some of commits.slice(before)) await commit(bench.database, some, isTold);
			await loading;
			await bench.documents.catchUp();
			const loaded = new Conversations(bench.database, bench.world.timers);
			expect(await placesIn(bench.corpus.conversations, bench)).toEqual(await placesIn(loaded, bench));
		}),
		{ numRuns: 20 },
	);
}, 60_000);

test("the rules that were given last come first, also after the next start", async () => {
	await using bench = await workbench("embedding:\n  provider: none\n");
	await bench.corpus.conversations.ready();
	await bench.store({ id: "loose", content: "Always use tabs when I ask for code" });
	await bench.store({ id: "said", content: "Always cite the ticket", sessionId: "talk" });
	const loaded = new Conversations(bench.database, bench.world.timers);
	await loaded.ready();
	expect(loaded.rules(1)).toEqual(bench.corpus.conversations.rules(1));
});
