import { Database } from "bun:sqlite";
import { afterAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FORMATS, type FormatName, openSource } from "@signet/transfer/formats";
import fc from "fast-check";
import { type TemporaryDaemon, temporaryDaemon } from "../testing/temporary-daemon.ts";

const folder = mkdtempSync(join(tmpdir(), "signet-trials-"));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;

const TEXTS = ["Tea at five", "tea at five!", "Coffee at nine", "Water", "The code is 4711", "Ana likes boats", "Noon"];
interface Piece {
	readonly text: string;
	readonly place: string;
	readonly tag: string;
	readonly version: number;
}
const piece = fc.record<Piece>({
	text: fc.constantFrom(...TEXTS),
	place: fc.constantFrom("a", "b", "c"),
	tag: fc.constantFrom("x", "y", ""),
	version: fc.integer({ min: 1, max: 4 }),
});
const lines = (objects: readonly object[]) => objects.map((object) => JSON.stringify(object)).join("\n");

/** The same pieces as each program writes them. */
const WRITERS: Readonly<Record<FormatName, (path: string, pieces: readonly Piece[]) => string>> = {
	jsonl: (path, pieces) =>
		write(
			`${path}.jsonl`,
			lines(pieces.map(({ text, place, tag }) => ({ content: text, tags: [tag], sourceType: "w", sourceId: place }))),
		),
	"mcp-memory": (path, pieces) =>
		write(
			`${path}.jsonl`,
			lines(
				pieces.map(({ text, place, tag }) => ({ type: "entity", name: place, entityType: tag, observations: [text] })),
			),
		),
	messages: (path, pieces) =>
		write(
			`${path}.json`,
			JSON.stringify(pieces.map(({ text, place, tag }) => ({ role: tag || "tool", name: place, content: text }))),
		),
	mem0: (path, pieces) =>
		write(
			`${path}.json`,
			JSON.stringify({
				results: pieces.map(({ text, place, tag }) => ({ id: place, memory: text, categories: [tag] })),
			}),
		),
	"claude-mem": (path, pieces) => {
		const db = new Database(`${path}.db`);
		db.run("CREATE TABLE observations (id INTEGER PRIMARY KEY, narrative TEXT, project TEXT, type TEXT)");
		for (const { text, place, tag } of pieces) {
			db.run("INSERT INTO observations (narrative, project, type) VALUES (?, ?, ?)", [text, place, tag]);
		}
		db.close();
		return `${path}.db`;
	},
	"basic-memory": (path, pieces) =>
		write(`${path}.md`, pieces.map(({ text, place, tag }) => `- [${place}] ${text} ${tag && `#${tag}`}`).join("\n")),
	markdown: (path, pieces) =>
		write(`${path}.md`, pieces.map(({ text, place }) => `# ${place}\n\n${text}\n`).join("\n")),
	signet: (path, pieces) => {
		mkdirSync(path);
		write(join(path, "manifest.json"), JSON.stringify({ version: "1.0" }));
		const memories = pieces.map(({ text, place, tag, version }) => {
			return { id: place, content: text, version, tags: tag || null, type: null, is_deleted: version === 4 ? 1 : 0 };
		});
		write(join(path, "memories.jsonl"), lines(memories));
		const events = pieces.map(({ text, place, version }, at) => {
			return {
				id: `e${at % 3}`,
				memory_id: place,
				event: "updated",
				new_content: text,
				metadata: JSON.stringify({ version }),
			};
		});
		write(join(path, "history.jsonl"), lines(events));
		write(join(path, "entities.jsonl"), lines(pieces.map(({ text, place }) => ({ id: place, name: text }))));
		const relations = pieces.map(({ place, tag }) => {
			return { id: `${place}${tag}`, source_entity_id: place, target_entity_id: tag || "a" };
		});
		write(join(path, "relations.jsonl"), lines(relations));
		write(
			join(path, "mentions.jsonl"),
			lines(pieces.map(({ place, tag }) => ({ memory_id: place, entity_id: tag || "b" }))),
		);
		return path;
	},
};

function write(path: string, text: string): string {
	writeFileSync(path, text);
	return path;
}

const change = fc.record({ do: fc.constantFrom("forget", "erase", "pin", "edit"), at: fc.nat(20) });

/** What people do with memories that are there. */
async function live(daemon: TemporaryDaemon, changes: readonly { do: string; at: number }[]): Promise<void> {
	for (const one of changes) {
		const { memories } = (await daemon.send("GET", "/api/memories?limit=100")).json;
		const id = memories[one.at % Math.max(1, memories.length)]?.id;
		if (id === undefined) return;
		const reason = "it came so";
		if (one.do === "forget") await daemon.send("DELETE", `/api/memory/${id}?reason=gone&force=true`);
		else if (one.do === "erase") await daemon.send("POST", `/api/memory/${id}/erase`, { reason, force: true });
		else if (one.do === "pin") await daemon.send("PATCH", `/api/memory/${id}`, { reason, pinned: true });
		else await daemon.send("PATCH", `/api/memory/${id}`, { reason, content: TEXTS[one.at % TEXTS.length] });
	}
}

interface Told {
	readonly outcome: string;
	readonly why?: string;
	readonly isHeldUp?: boolean;
	readonly isJoined?: boolean;
}

/** Send what a file holds, in parts; what became of each row, without ids, which are new each time. */
async function send(daemon: TemporaryDaemon, path: string, format: FormatName, more: object): Promise<Told[]> {
	const { id } = (await daemon.send("POST", "/api/imports", { source: "x", format, ...more })).json;
	const source = await openSource(path, format);
	const rows: object[] = [];
	for await (const found of source.read()) if (!("why" in found)) rows.push(found);
	source.close();
	const told: Told[] = [];
	const body = (some: object[]) => ({ rows: some, ...("revive" in more && { revive: more.revive }) });
	for (let at = 0; at < rows.length; at += 3) {
		told.push(...(await daemon.send("POST", `/api/imports/${id}/rows`, body(rows.slice(at, at + 3)))).json.results);
	}
	for (const [at, { isHeldUp }] of [...told.entries()]) {
		if (!isHeldUp) continue;
		told.splice(
			at,
			1,
			...(await daemon.send("POST", `/api/imports/${id}/rows`, body(rows.slice(at, at + 1)))).json.results,
		);
	}
	await daemon.send("POST", `/api/imports/${id}/complete`, { account: {} });
	return told.map(({ outcome, why, isHeldUp, isJoined }) => ({
		outcome,
		...(why !== undefined && { why }),
		...(isHeldUp && { isHeldUp }),
		...(isJoined && { isJoined }),
	}));
}

async function everything(daemon: TemporaryDaemon) {
	const kinds = ["memory", "event", "entity", "relation", "mention"];
	return Promise.all(kinds.map(async (kind) => (await daemon.send("GET", `/api/export/${kind}?limit=1000`)).json.rows));
}

const formats: FormatName[] = Object.keys(FORMATS).filter((name): name is FormatName => name in WRITERS);

test.each(formats)(
	"what trying says of %s is what importing does, row by row, and trying changes nothing",
	async (format) => {
		await using daemon = await temporaryDaemon();
		await fc.assert(
			fc.asyncProperty(
				fc.array(piece, { minLength: 1, maxLength: 8 }),
				fc.array(change, { maxLength: 4 }),
				fc.boolean(),
				async (pieces, changes, revive) => {
					await live(daemon, changes);
					const path = WRITERS[format](join(folder, `${++files}`), pieces);
					const before = await everything(daemon);
					const tried = await send(daemon, path, format, { dry_run: true, revive });
					expect(await everything(daemon)).toEqual(before);
					expect(tried).toEqual(await send(daemon, path, format, { revive }));
				},
			),
			{ numRuns: 25 },
		);
	},
	60_000,
);

test("a trial ends when it is complete, and when there are too many; it is no import", async () => {
	await using daemon = await temporaryDaemon();
	const begin = async () =>
		(await daemon.send("POST", "/api/imports", { source: "x", format: "x", dry_run: true })).json.id;
	const rows = [{ kind: "text", key: "1", memory: { content: "tea" } }];
	const statusOf = async (id: string) => (await daemon.send("POST", `/api/imports/${id}/rows`, { rows })).status;
	const first = await begin();
	expect(await statusOf(first)).toBe(200);
	const complete = await daemon.send("POST", `/api/imports/${first}/complete`, { account: { read: 1 } });
	expect(complete.json).toMatchObject({ id: first, isEmpty: true, account: { read: 1 } });
	expect(await statusOf(first)).toBe(404);
	const ids: string[] = [];
	for (let n = 0; n < 6; n++) ids.push(await begin());
	expect(await Promise.all(ids.map(statusOf))).toEqual([404, 404, 200, 200, 200, 200]);
	expect((await daemon.send("GET", "/api/imports")).json.imports).toEqual([]);
});
