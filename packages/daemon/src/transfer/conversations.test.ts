import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Found, openSource, writeBundle, writeManifest, writeRows } from "@signet/transfer/formats";
import fc from "fast-check";
import { type TemporaryDaemon, temporaryDaemon } from "../testing/temporary-daemon.ts";

const folder = mkdtempSync(join(tmpdir(), "signet-conversations-"));
afterAll(() => rmSync(folder, { recursive: true }));
let bundles = 0;

async function exported(daemon: TemporaryDaemon): Promise<string> {
	const path = join(folder, `${++bundles}.zip`);
	const bundle = await writeBundle(path);
	const pageOf = async (kind: string, after: number) =>
		(await daemon.send("GET", `/api/export/${kind}?after=${after}&limit=10`)).json;
	writeManifest(bundle, await writeRows(bundle, pageOf), "2026-01-01T00:00:00.000Z");
	bundle.close();
	return path;
}

async function imported(daemon: TemporaryDaemon, path: string): Promise<void> {
	const { id } = (await daemon.send("POST", "/api/imports", { source: "x", format: "signet" })).json;
	const source = await openSource(path);
	const rows: Found[] = [];
	for await (const found of source.read()) rows.push(found);
	source.close();
	const answer = await daemon.send("POST", `/api/imports/${id}/rows`, { rows });
	expect(answer.json.results.map(({ outcome }: { outcome: string }) => outcome)).toEqual(rows.map(() => "kept"));
}

/** Wait until every memory has its vector: they are made after the answer. */
async function settled(daemon: TemporaryDaemon): Promise<void> {
	for (let isSettled = false; !isSettled; ) {
		const { checks } = (await daemon.send("GET", "/api/embeddings/health")).json;
		isSettled = checks.find(({ name }: { name: string }) => name === "coverage").detail.unembedded === 0;
	}
}

async function ranked(daemon: TemporaryDaemon, query: string) {
	const { json } = await daemon.send("POST", "/api/memory/recall", { query, context: 1, limit: 20 });
	return { confidence: json.confidence, results: json.results };
}

const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const WORDS = ["ferry", "gate", "Ana", "sails", "noon", "always", "prefer", "green", "is", "the", "moved", "12", "80?"];
const turn = fc.record({
	content: fc.array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 5 }).map((words) => words.join(" ")),
	sessionId: optional(fc.constantFrom("s1", "s2")),
	who: optional(fc.constantFrom("ana", "ben", "user", "assistant")),
	role: optional(fc.constantFrom("user", "assistant")),
	position: optional(fc.nat(20)),
	createdAt: optional(fc.constantFrom("2026-01-01T00:00:00.000Z", "2026-02-01T00:00:00.000Z")),
});
const QUESTIONS = ["when does the ferry sail?", "is the gate green", "what does Ana prefer", "where was it moved"];

test("whatever was said, a home that was exported and imported ranks it as the first one does", async () => {
	await fc.assert(
		fc.asyncProperty(fc.array(turn, { minLength: 1, maxLength: 25 }), async (turns) => {
			await using there = await temporaryDaemon();
			await using here = await temporaryDaemon();
			for (const said of turns) await there.send("POST", "/api/memory/remember", said);
			await imported(here, await exported(there));
			await Promise.all([settled(there), settled(here)]);
			for (const query of QUESTIONS) expect(await ranked(here, query)).toEqual(await ranked(there, query));
		}),
		{ numRuns: 12 },
	);
}, 120_000);
