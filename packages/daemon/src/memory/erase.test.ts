import { Database as SqliteFile } from "bun:sqlite";
import { expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { type TemporaryDaemon, temporaryDaemon } from "../testing/temporary-daemon.ts";

const TOKEN = "xylophonquartz";
const reason = "it should never have been said";

/** Ways into the memory, each with a text of its own that has the token. */
const entrances: Readonly<Record<string, (daemon: TemporaryDaemon) => Promise<string>>> = {
	remember: async ({ send }) =>
		(await send("POST", "/api/memory/remember", { content: `The vault opens with ${TOKEN} alpha` })).json.id,
	alias: async ({ send }) =>
		(await send("POST", "/api/memory/save", { content: `critical: [keys]: The safe takes ${TOKEN} beta` })).json.id,
	hook: async ({ send }) =>
		(
			await send("POST", "/api/hooks/remember", {
				harness: "codex",
				content: `Say ${TOKEN} gamma`,
				idempotencyKey: "k",
			})
		).json.id,
	summary: async ({ send }) =>
		(await send("POST", "/api/hooks/compaction-complete", { harness: "codex", summary: `We said ${TOKEN} delta` })).json
			.memoryId,
	"a long text": async ({ send }) => {
		const content = Array.from({ length: 60 }, (_, n) => `Sentence ${n} is about ${TOKEN} epsilon${n}.`).join(" ");
		return (await send("POST", "/api/memory/remember", { content })).json.id;
	},
	"an import": async ({ send }) => {
		await importText(send, `Imported ${TOKEN} eta`);
		return newest(send);
	},
	"a note": async ({ root, send }) => {
		writeFileSync(join(root, "memory", "note.md"), `# Note\n\nWritten down: ${TOKEN} theta\n`);
		return until(async () => {
			const { json } = await send("GET", "/api/memories?limit=1&source_type=openclaw-memory-log");
			return json.memories[0]?.id;
		});
	},
	"an edit, since changed": async ({ send }) => {
		const { id } = (await send("POST", "/api/memory/remember", { content: "Harmless at first" })).json;
		await send("PATCH", `/api/memory/${id}`, { reason, content: `Then it was ${TOKEN} zeta` });
		await send("PATCH", `/api/memory/${id}`, { reason, content: "Harmless again" });
		return id;
	},
};

type Send = TemporaryDaemon["send"];

async function importText(send: Send, content: string): Promise<{ outcome: string }> {
	const { id } = (await send("POST", "/api/imports", { source: "notes.jsonl", format: "jsonl" })).json;
	const rows = [{ kind: "text", key: "line 1", memory: { content } }];
	return (await send("POST", `/api/imports/${id}/rows`, { rows })).json.results[0];
}

const newest = async (send: Send): Promise<string> => (await send("GET", "/api/memories?limit=1")).json.memories[0].id;

/** Ask until there is an answer. */
async function until<T>(ask: () => Promise<T | undefined>): Promise<T> {
	const deadline = performance.now() + 15_000;
	for (;;) {
		const answer = await ask();
		if (answer !== undefined) return answer;
		if (performance.now() > deadline) throw new Error("nothing happened");
		await Bun.sleep(20);
	}
}

/** Files of a workspace that hold the token in any case. */
function filesWithToken(root: string): string[] {
	return readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) => {
		const path = join(root, name);
		// Some are there only for a moment.
		const isFile = statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
		return isFile && readFileSync(path, "latin1").toLowerCase().includes(TOKEN);
	});
}

test("what was erased is in no byte of the workspace, and no program brings it back", async () => {
	await using daemon = await temporaryDaemon();
	const { root, send } = daemon;
	for (let n = 0; n < 150; n++) await send("POST", "/api/memory/remember", { content: `Something else, number ${n}` });
	const ids: string[] = [];
	for (const enter of Object.values(entrances)) ids.push(await enter(daemon));
	for (let n = 0; n < 150; n++) await send("POST", "/api/memory/remember", { content: `Something more, number ${n}` });
	expect(filesWithToken(root)).not.toEqual([]);
	const copy = copyDatabase(root, 1);

	await send("DELETE", `/api/memory/${ids[0]}`, { reason });
	for (const id of ids) {
		const { status, json } = await send("POST", `/api/memory/${id}/erase`, { reason, force: true });
		expect([status, json.status]).toEqual([200, "erased"]);
	}
	// The note itself is the person's, and is looked at again all the time.
	const note = join(root, "memory", "note.md");
	expect(filesWithToken(root)).toEqual([join("memory", "note.md")]);
	const noted = readFileSync(note, "utf8");
	writeFileSync(note, `${noted}\n# Another\n\nHarmless addition\n`);
	await until(async () => (await send("GET", "/memory/search?q=addition")).json.results[0]);
	rmSync(note);
	expect(filesWithToken(root)).toEqual([]);
	expect((await importText(send, `Imported ${TOKEN} eta`)).outcome).toBe("refused");

	expect(await send("POST", "/api/memory/remember", { content: `the vault opens with ${TOKEN} ALPHA.` })).toMatchObject(
		{
			status: 409,
			json: { code: "erased" },
		},
	);
	expect(
		(await send("POST", "/api/hooks/compaction-complete", { harness: "codex", summary: `We said ${TOKEN} delta` }))
			.json,
	).toEqual({ success: true, memoryId: null });
	const { id } = (await send("POST", "/api/memory/remember", { content: "Another one" })).json;
	expect(await send("PATCH", `/api/memory/${id}`, { reason, content: `Then it was ${TOKEN} zeta` })).toMatchObject({
		status: 409,
		json: { status: "forgotten_content" },
	});
	expect(filesWithToken(root)).toEqual([]);
	await daemon.daemon.stop();
	expect(filesWithToken(root)).toEqual([]);
	const left = new SqliteFile(copy, { readonly: true });
	expect(left.query("SELECT count(*) AS n FROM memories").get()).toEqual({ n: 300 });
	expect(left.query("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
	left.close();
	rmSync(copy);
}, 30_000);

test("that nothing is left can be proved: what was looked for, where, and what was found", async () => {
	await using daemon = await temporaryDaemon();
	const { root, send } = daemon;
	await send("POST", "/api/memory/remember", { content: "The vault is in the cellar" });
	const { id } = (await send("POST", "/api/memory/remember", { content: `The vault opens with ${TOKEN}` })).json;
	writeFileSync(join(root, "notes.txt"), `I wrote it down: ${TOKEN}`);
	const { json } = await send("POST", `/api/memory/${id}/erase`, { reason, prove: true });
	// "vault" is said by another memory too, and is rightly there.
	expect(json.proof).toMatchObject({
		texts: 1,
		words: 1,
		search: { found: [{ file: "notes.txt", offset: 17 }], unread: [] },
	});
	expect(json.proof.search.bytes).toBeGreaterThan(100_000);
});

test("a forgotten memory that said the same goes with what is erased", async () => {
	await using daemon = await temporaryDaemon();
	const { root, send } = daemon;
	const content = `The vault opens with ${TOKEN}`;
	const { id: forgotten } = (await send("POST", "/api/memory/remember", { content })).json;
	await send("DELETE", `/api/memory/${forgotten}`, { reason });
	const { id } = (await send("POST", "/api/memory/remember", { content: "Something else" })).json;
	await send("PATCH", `/api/memory/${id}`, { reason, content });
	expect((await send("POST", `/api/memory/${id}/erase`, { reason })).json.status).toBe("erased");
	expect((await send("POST", `/api/memory/${forgotten}/recover`, { reason })).status).toBe(404);
	expect(filesWithToken(root)).toEqual([]);
});

test("a pinned memory is erased only when that is said", async () => {
	await using daemon = await temporaryDaemon();
	const { send } = daemon;
	const { id } = (await send("POST", "/api/memory/remember", { content: "Keep this", pinned: true })).json;
	const refused = await send("POST", `/api/memory/${id}/erase`, { reason });
	expect(refused).toMatchObject({ status: 409, json: { status: "pinned_requires_force" } });
	expect((await send("POST", `/api/memory/${id}/erase`, { reason, force: true })).json.status).toBe("erased");
});

test("a person can have it back by saying so; that it was erased stays known", async () => {
	await using daemon = await temporaryDaemon();
	const { send } = daemon;
	const content = "Said too early";
	const { id } = (await send("POST", "/api/memory/remember", { content })).json;
	await send("POST", `/api/memory/${id}/erase`, { reason });
	expect((await send("GET", `/api/memory/${id}`)).status).toBe(404);
	const { json } = await send("GET", `/api/memory/${id}/history`);
	expect(json.history).toMatchObject([{ event: "erased", oldContent: null, newContent: null, reason }]);
	const back = await send("POST", "/api/memory/remember", { content, revive: true });
	expect(back.status).toBe(200);
	expect(back.json.id).not.toBe(id);
	expect((await send("POST", `/api/memory/${id}/erase`, { reason })).status).toBe(404);
});

test("a file that another program has written holds what was deleted there; the first erasure leaves nothing of it", async () => {
	const root = mkdtempSync(join(tmpdir(), "signet-daemon-"));
	const file = join(root, "memory", "memories.db");
	mkdirSync(join(root, "memory"));
	await using first = await temporaryDaemon(undefined, { root });
	const { id } = (await first.send("POST", "/api/memory/remember", { content: "To be erased one day" })).json;
	for (let n = 0; n < 40; n++) await first.send("POST", "/api/memory/remember", { content: `Kept, number ${n}` });
	await first.daemon.stop();
	const db = new SqliteFile(file);
	// As programs write that do not overwrite what they delete.
	db.run("PRAGMA secure_delete = OFF");
	for (let n = 0; n < 200; n++) {
		db.run(
			"INSERT INTO memories (id, content, type, created_at, updated_at, updated_by) VALUES (?, ?, 'fact', '2026', '2026', 'x')",
			[`gone-${n}`, `Once there was ${TOKEN} number ${n}`],
		);
	}
	db.run("DELETE FROM memories WHERE id LIKE 'gone-%'");
	db.run("DELETE FROM sgn_changes");
	db.run("DELETE FROM memories WHERE rowid % 5 = 3");
	db.close();
	expect(filesWithToken(root)).toEqual([join("memory", "memories.db")]);

	await using second = await temporaryDaemon(undefined, { root });
	expect((await second.send("POST", `/api/memory/${id}/erase`, { reason })).json.status).toBe("erased");
	expect(filesWithToken(root)).toEqual([]);
	const found = await second.send("GET", "/memory/search?q=kept");
	expect(found.json.results.length).toBeGreaterThan(10);
	for (const { content } of found.json.results) expect(content).toStartWith("Kept, number");
	await second.send("POST", "/api/memory/remember", { content: "And it goes on" });
	expect((await second.send("GET", "/memory/search?q=goes")).json.results).toHaveLength(1);
	await second.daemon.stop();
	const left = new SqliteFile(file);
	left.run("INSERT INTO memories_fts (memories_fts, rank) VALUES ('integrity-check', 1)");
	expect(left.query("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
	left.close();
});

const fileOf = (root: string) => join(root, "memory", "memories.db");

/** A copy as an upgrade makes it. */
function copyDatabase(root: string, at: number): string {
	const copy = `${fileOf(root)}.bak-v15-${at}`;
	using db = new SqliteFile(fileOf(root), { readonly: true });
	db.run(`VACUUM INTO '${copy}'`);
	return copy;
}

test("while another program reads the database, the answer says that something may be left; afterwards nothing is", async () => {
	await using daemon = await temporaryDaemon();
	const { root, send } = daemon;
	const { id } = (await send("POST", "/api/memory/remember", { content: `The vault opens with ${TOKEN}` })).json;
	const other = new SqliteFile(fileOf(root), { readonly: true });
	other.run("BEGIN");
	expect(other.query("SELECT count(*) AS n FROM memories").get()).toEqual({ n: 1 });
	const first = await send("POST", `/api/memory/${id}/erase`, { reason });
	expect(first).toMatchObject({ status: 200, json: { status: "erased", pending: expect.stringContaining("reading") } });
	expect((await send("GET", `/api/memory/${id}`)).status).toBe(404);
	other.run("COMMIT");
	other.close();
	// Asking again is to try again at once.
	const second = await send("POST", `/api/memory/${id}/erase`, { reason });
	expect(second).toMatchObject({ status: 200, json: { status: "erased" } });
	expect(second.json).not.toHaveProperty("pending");
	expect(filesWithToken(root)).toEqual([]);
	expect((await send("POST", `/api/memory/${id}/erase`, { reason })).status).toBe(404);
});

test("an erasure that could not be finished goes on by itself at the next start; no copy is lost by it", async () => {
	const root = mkdtempSync(join(tmpdir(), "signet-daemon-"));
	await using first = await temporaryDaemon(undefined, { root });
	await first.send("POST", "/api/memory/remember", { content: "Something else" });
	const { id } = (await first.send("POST", "/api/memory/remember", { content: `The vault opens with ${TOKEN}` })).json;
	const copies = [copyDatabase(root, 1), copyDatabase(root, 2)];
	writeFileSync(`${fileOf(root)}.bak-v15-3`, `This is no database, but ${TOKEN}`);
	const busy = new SqliteFile(copies[0] ?? "");
	busy.run("BEGIN EXCLUSIVE");
	const { json } = await first.send("POST", `/api/memory/${id}/erase`, { reason });
	expect(json).toMatchObject({ status: "erased", pending: expect.stringContaining("bak-v15-1") });
	expect(json.backups.map((path: string) => path.slice(-1)).sort()).toEqual(["2", "3"]);
	expect(filesWithToken(root)).toEqual([join("memory", "memories.db.bak-v15-1")]);
	await first.daemon.stop();
	busy.run("COMMIT");
	busy.close();

	await using second = await temporaryDaemon(undefined, { root });
	await until(async () => (filesWithToken(root).length === 0 ? true : undefined));
	await second.daemon.stop();
	for (const copy of copies) {
		using left = new SqliteFile(copy, { readonly: true });
		expect(left.query("SELECT content FROM memories").all()).toEqual([{ content: "Something else" }]);
		expect(left.query("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
	}
	expect(
		readdirSync(join(root, "memory"))
			.filter((name) => name.includes("bak"))
			.sort(),
	).toEqual(copies.map((copy) => basename(copy)));
});

test("what another memory says is not erased with one that said it; what it said once is", async () => {
	await using daemon = await temporaryDaemon();
	const { root, send } = daemon;
	const keep = async (content: string) => (await send("POST", "/api/memory/remember", { content })).json.id;
	const edit = (id: string, content: string) => send("PATCH", `/api/memory/${id}`, { reason, content });
	const first = await keep("The gate is green");
	await edit(first, `The gate opens with ${TOKEN}`);
	const second = await keep("The gate is green");
	const third = await keep(`The roof opens with ${TOKEN}`);
	await edit(third, "The roof is red");
	const copy = copyDatabase(root, 1);
	const fourth = await keep(`The roof opens with ${TOKEN}`);
	for (const id of [first, fourth]) {
		expect((await send("POST", `/api/memory/${id}/erase`, { reason })).json.status).toBe("erased");
	}
	expect(filesWithToken(root)).toEqual([]);
	// Where it was once is still told, and the version from before is not pretended to be known.
	const { json } = await send("GET", `/api/memory/${third}/history`);
	expect(json.history.map(({ event }: { event: string }) => event).sort()).toEqual(["created", "updated"]);
	expect((await send("POST", `/api/memory/${third}/restore`, { reason, version: 1 })).json.unknown).toEqual([
		"content",
	]);
	using left = new SqliteFile(copy, { readonly: true });
	const contents = left.query<{ content: string }, []>("SELECT content FROM memories ORDER BY content").all();
	expect(contents.map(({ content }) => content)).toEqual(["The gate is green", "The roof is red"]);
	await send("DELETE", `/api/memory/${second}`, { reason });
	expect((await send("POST", `/api/memory/${second}/recover`, { reason })).json.status).toBe("recovered");
});

test("indices of other programs that have fallen behind cost no copy and keep no word", async () => {
	const root = mkdtempSync(join(tmpdir(), "signet-daemon-"));
	await using first = await temporaryDaemon(undefined, { root });
	const { id } = (await first.send("POST", "/api/memory/remember", { content: `The vault opens with ${TOKEN}` })).json;
	await first.send("POST", "/api/memory/remember", { content: "Something else" });
	await first.daemon.stop();
	const db = new SqliteFile(fileOf(root));
	db.run("CREATE TABLE memory_hints (id TEXT PRIMARY KEY, memory_id TEXT, hint TEXT)");
	db.run("INSERT INTO memory_hints SELECT 'hint of ' || id, id, content FROM memories");
	db.run("CREATE VIRTUAL TABLE memory_hints_fts USING fts5(hint, content='memory_hints', content_rowid='rowid')");
	db.run(`CREATE TRIGGER memory_hints_ad AFTER DELETE ON memory_hints BEGIN
		INSERT INTO memory_hints_fts(memory_hints_fts, rowid, hint) VALUES ('delete', old.rowid, old.hint);
	END`);
	db.run("CREATE TABLE memories_put_aside AS SELECT * FROM memories");
	db.run("INSERT INTO umap_cache VALUES (2, 2, 1, ?, '2026')", [JSON.stringify({ nodes: [{ content: TOKEN }] })]);
	db.run(
		"INSERT INTO entities (id, name, entity_type, mentions, created_at, updated_at) VALUES ('e', ?, 'thing', 1, '', '')",
		[TOKEN],
	);
	db.run("INSERT INTO memory_entity_mentions (memory_id, entity_id, mention_text) VALUES (?, 'e', ?)", [id, TOKEN]);
	db.close();
	const copy = copyDatabase(root, 1);
	await using second = await temporaryDaemon(undefined, { root });
	const { json } = await second.send("POST", `/api/memory/${id}/erase`, { reason });
	expect(json).toMatchObject({ status: "erased", backups: expect.arrayContaining([copy]) });
	expect(json).not.toHaveProperty("pending");
	expect(filesWithToken(root)).toEqual([]);
	using left = new SqliteFile(copy, { readonly: true });
	expect(left.query("SELECT content FROM memories").all()).toEqual([{ content: "Something else" }]);
});
