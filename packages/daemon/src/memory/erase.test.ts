import { Database as SqliteFile } from "bun:sqlite";
import { expect, test } from "bun:test";
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
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
	"an edit, since changed": async ({ send }) => {
		const { id } = (await send("POST", "/api/memory/remember", { content: "Harmless at first" })).json;
		await send("PATCH", `/api/memory/${id}`, { reason, content: `Then it was ${TOKEN} zeta` });
		await send("PATCH", `/api/memory/${id}`, { reason, content: "Harmless again" });
		return id;
	},
};

/** Files of a workspace that hold the token in any case. */
function filesWithToken(root: string): string[] {
	return readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) => {
		const path = join(root, name);
		return statSync(path).isFile() && readFileSync(path, "latin1").toLowerCase().includes(TOKEN);
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
	// A copy as an upgrade makes it.
	const file = join(root, "memory", "memories.db");
	const copy = `${file}.bak-v15-1`;
	const db = new SqliteFile(file, { readonly: true });
	db.run(`VACUUM INTO '${copy}'`);
	db.close();

	await send("DELETE", `/api/memory/${ids[0]}`, { reason });
	for (const id of ids) {
		const { status, json } = await send("POST", `/api/memory/${id}/erase`, { reason });
		expect([status, json.status]).toEqual([200, "erased"]);
	}
	expect(filesWithToken(root)).toEqual([]);

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
});

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
