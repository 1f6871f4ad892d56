import { Database as SqliteFile } from "bun:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { strToU8, type Zippable, zipSync } from "fflate";
import { detectFormat, FORMATS, type Found, openSource } from "./index.ts";
import { unpack } from "./unpack.ts";

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "signet-formats-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string | Uint8Array): string {
	const path = join(folder, name);
	mkdirSync(dirname(path), { recursive: true });
	writeFileSync(path, text);
	return path;
}

/** What is found in a file, by the format that is seen in it. */
async function read(path: string): Promise<{ format: string; rows: Found[] }> {
	const source = await openSource(path);
	const rows: Found[] = [];
	for await (const found of source.read()) rows.push(found);
	source.close();
	return { format: source.format, rows };
}

const lines = (...objects: unknown[]) => objects.map((object) => JSON.stringify(object)).join("\n");
const contents = (rows: readonly Found[]) =>
	rows.map((row) => ("why" in row ? row.why : row.kind === "text" ? row.memory.content : row.row.content));

describe("jsonl", () => {
	test("takes what remember takes, in either spelling", async () => {
		const { format, rows } = await read(
			write(
				"memories.jsonl",
				lines(
					{ content: "one", tags: ["a", "b"], createdAt: "2026-01-02T03:04:05Z", pinned: true, sessionId: "s" },
					{ text: "two", session_id: "s", source_type: "x", source_id: "1", created_at: 1_767_323_045 },
				),
			),
		);
		expect(format).toBe("jsonl");
		expect(rows).toEqual([
			{
				kind: "text",
				key: "line 1",
				memory: { content: "one", tags: "a,b", createdAt: "2026-01-02T03:04:05Z", pinned: true, sessionId: "s" },
			},
			{
				kind: "text",
				key: "line 2",
				memory: {
					content: "two",
					sessionId: "s",
					sourceType: "x",
					sourceId: "1",
					createdAt: "2026-01-02T03:04:05.000Z",
				},
			},
		]);
	});

	test("names what is no memory by its line, and goes on", async () => {
		const text = `\uFEFF{"content":"one"}\n{broken\n\n[1]\n{"content":" "}\n"text"\n{"content":"${"x".repeat(4_100_000)}"}\n{"content":"last"}`;
		const { rows } = await read(write("memories.jsonl", text));
		expect(rows.map(({ key }) => key)).toEqual(["line 1", "line 2", "line 4", "line 5", "line 6", "line 7", "line 8"]);
		expect(contents(rows).map((content) => String(content).slice(0, 28))).toEqual([
			"one",
			"the line is no JSON",
			"the line is no JSON object",
			"it has no text",
			"the line is no JSON object",
			"the line has more than 40000",
			"last",
		]);
	});

	test("reads times in every unit, and leaves what is none to be refused", async () => {
		const times = [1_767_323_045, 1_767_323_045_000, 1_767_323_045_000_000, 1_767_323_045_000_000_000, 1e300, -1, 0];
		const { rows } = await read(
			write("times.jsonl", lines(...times.map((time, at) => ({ content: `${at}`, created_at: time })))),
		);
		const time = "2026-01-02T03:04:05.000Z";
		expect(rows.map((row) => "memory" in row && row.memory.createdAt)).toEqual([
			time,
			time,
			time,
			time,
			"1e+300",
			undefined,
			undefined,
		]);
	});

	test("refuses what is no UTF-8, instead of changing it", async () => {
		const text = Buffer.concat([
			Buffer.from('{"content":"caf'),
			Buffer.of(0xe9),
			Buffer.from('"}\r\n{"content":"b"}\r\n'),
		]);
		const { rows } = await read(write("latin.jsonl", text));
		expect(contents(rows)).toEqual(["the line is no UTF-8 text", "b"]);
	});

	test("no text whatever makes reading fail", async () => {
		await fc.assert(
			fc.asyncProperty(fc.oneof(fc.string(), fc.json(), fc.uint8Array()), async (text) => {
				const path = write("any.jsonl", text);
				const { rows } = await read(path);
				for (const row of rows) expect(row.key).toMatch(/^line \d+/);
				// The account is kept: it quotes nothing.
				const reasons = new Set(rows.flatMap((row) => ("why" in row ? [row.why] : [])));
				const known = [
					"it has no text",
					"the line is no JSON",
					"the line is no JSON object",
					"the line is no UTF-8 text",
				];
				for (const why of reasons) expect(known).toContain(why);
			}),
		);
	});
});

test("mcp-memory: each observation with the name before it, and each relation as a sentence", async () => {
	const { format, rows } = await read(
		write(
			"memory.jsonl",
			lines(
				{ type: "entity", name: "Ana", entityType: "person", observations: ["likes tea", "lives in Porto", 7] },
				{ type: "entity", name: "Empty", entityType: "thing", observations: [] },
				{ type: "relation", from: "Ana", to: "Acme", relationType: "works_at" },
				{ type: "relation", from: "Ana" },
				{ type: "other" },
			),
		),
	);
	expect(format).toBe("mcp-memory");
	expect(contents(rows)).toEqual([
		"Ana: likes tea",
		"Ana: lives in Porto",
		"the observation is no text",
		"nothing was observed of it",
		"Ana works at Acme",
		"the relation lacks from, to or relationType",
		"it is neither an entity nor a relation",
	]);
	expect(rows[0]).toMatchObject({ memory: { tags: "person,Ana", sourceType: "mcp-memory" } });
});

describe("mem0", () => {
	test.each([
		["a list", (list: unknown[]) => list],
		["results", (list: unknown[]) => ({ results: list })],
		["memories", (list: unknown[]) => ({ memories: list, apps: [] })],
	])("as %s", async (_name, wrap) => {
		const { format, rows } = await read(
			write(
				"export.json",
				JSON.stringify(
					wrap([
						{
							id: "7",
							memory: "Likes dark roast",
							user_id: "ana",
							run_id: "r1",
							categories: ["food", "coffee"],
							metadata: { type: "preference", project: "home" },
							created_at: "2025-05-01T00:00:00-07:00",
						},
						{ id: "8", content: "Gone", state: "deleted" },
						{ id: "9", content: "From OpenMemory", created_at: 1_746_000_000, app_name: "cursor" },
						"just a text",
						17,
					]),
				),
			),
		);
		expect(format).toBe("mem0");
		expect(contents(rows)).toEqual([
			"Likes dark roast",
			"it was deleted there",
			"From OpenMemory",
			"just a text",
			"it is no memory",
		]);
		expect(rows[0]).toEqual({
			kind: "text",
			key: "memory 1",
			memory: {
				content: "Likes dark roast",
				type: "preference",
				tags: "food,coffee",
				who: "ana",
				project: "home",
				sessionId: "r1",
				sourceType: "mem0",
				sourceId: "7",
				createdAt: "2025-05-01T00:00:00-07:00",
			},
		});
	});
});

test("mem0: what was kept word for word has its role, its run and whoever spoke", async () => {
	const said = { user_id: "ana", run_id: "r1", created_at: "2026-01-02T03:04:05.678901+00:00" };
	const { format, rows } = await read(
		write(
			"export.json",
			JSON.stringify({
				results: [
					{ ...said, id: "1", memory: "My kayak is green", role: "user" },
					{ ...said, id: "2", memory: "Green suits the water", role: "assistant" },
					{ ...said, id: "3", memory: "Shall I book it?", role: "assistant", agent_id: "travel" },
					{ ...said, id: "4", memory: "Yes, for two", role: "user", actor_id: "ben" },
					{ ...said, id: "5", memory: "Was advised to paddle at noon", attributed_to: "assistant" },
					{ ...said, id: "6", memory: "Has a dog" },
				],
			}),
		),
	);
	expect(format).toBe("mem0");
	expect(rows.map((row) => "memory" in row && [row.memory.who, row.memory.role])).toEqual([
		["ana", "user"],
		["assistant", "assistant"],
		["travel", "assistant"],
		["ben", "user"],
		["assistant", "assistant"],
		["ana", undefined],
	]);
	for (const row of rows) {
		expect(row).toMatchObject({ memory: { sessionId: "r1", createdAt: said.created_at } });
		expect(row).not.toHaveProperty("memory.position");
	}
});

test("claude-mem: the order is told by the times, and where there are none by the numbers of the prompts", async () => {
	const path = join(folder, "claude-mem.db");
	const db = new SqliteFile(path, { create: true });
	db.run("CREATE TABLE observations (id INTEGER PRIMARY KEY, text TEXT, prompt_number, created_at_epoch INTEGER)");
	db.run("INSERT INTO observations VALUES (1, 'one', 7, 1767312000000), (2, 'two', 8, NULL), (3, 'three', 'x', NULL)");
	db.close();
	const { rows } = await read(path);
	expect(rows.map((row) => "memory" in row && [row.memory.createdAt, row.memory.position, row.memory.role])).toEqual([
		["2026-01-02T00:00:00.000Z", undefined, undefined],
		[undefined, 8, undefined],
		[undefined, undefined, undefined],
	]);
});

test("claude-mem: observations and summaries, whatever columns its version has, and the file is only read", async () => {
	const path = join(folder, "claude-mem.db");
	const db = new SqliteFile(path, { create: true });
	db.run(`CREATE TABLE observations (id INTEGER PRIMARY KEY, sdk_session_id TEXT, project TEXT, type TEXT, title TEXT,
		narrative TEXT, facts TEXT, concepts TEXT, created_at TEXT)`);
	db.run(
		"CREATE TABLE session_summaries (id INTEGER PRIMARY KEY, project TEXT, learned TEXT, next_steps TEXT, created_at_epoch INTEGER)",
	);
	db.run(`INSERT INTO observations VALUES (3, 's1', 'shop', 'decision', 'Prices in cents', 'Rounding was wrong',
		'["Two tests failed"]', '["money","tests"]', '2026-01-02T00:00:00.000Z')`);
	db.run("INSERT INTO observations (id, type) VALUES (4, 'bugfix')");
	db.run("INSERT INTO session_summaries VALUES (1, 'shop', 'Cents are safe', 'Migrate the rest', 1767312000000)");
	db.close();
	const before = Bun.hash(await Bun.file(path).arrayBuffer());
	const { format, rows } = await read(path);
	expect(format).toBe("claude-mem");
	expect(rows).toEqual([
		{
			kind: "text",
			key: "observation 3",
			memory: {
				who: "claude-mem",
				project: "shop",
				sessionId: "s1",
				sourceType: "claude-mem",
				sourceId: "observation:3",
				createdAt: "2026-01-02T00:00:00.000Z",
				content: "Prices in cents. Rounding was wrong. Two tests failed.",
				type: "decision",
				tags: "decision,money,tests",
			},
		},
		{ key: "observation 4", why: "it has no text" },
		{
			kind: "text",
			key: "summary 1",
			memory: expect.objectContaining({
				content: "learned: Cents are safe. next steps: Migrate the rest.",
				type: "session_summary",
				createdAt: "2026-01-02T00:00:00.000Z",
			}),
		},
	]);
	expect(Bun.hash(await Bun.file(path).arrayBuffer())).toBe(before);
});

test("mem0: a backup of OpenMemory, with what it refers to by ids", async () => {
	const backup = {
		user: { id: "u-1", user_id: "ana" },
		apps: [{ id: "a-1", name: "cursor" }, 7],
		categories: [
			{ id: "c-1", name: "work" },
			{ id: "c-2", name: "tools" },
		],
		memories: [
			{
				id: "m-1",
				user_id: "u-1",
				app_id: "a-1",
				content: "Uses tabs",
				state: "active",
				category_ids: ["c-1", "c-2", 7],
			},
			{ id: "m-2", user_id: "u-1", content: "Gone", state: "deleted" },
		],
	};
	const { format, rows } = await read(write("memories.json", JSON.stringify(backup)));
	expect(format).toBe("mem0");
	expect(contents(rows)).toEqual(["Uses tabs", "it was deleted there"]);
	expect(rows[0]).toMatchObject({ memory: { who: "ana", tags: "work,tools", sourceId: "m-1" } });
});

test("claude-mem: nothing is left beside a database that keeps a log, and what is in the log is read", async () => {
	const path = join(folder, "claude-mem.db");
	const db = new SqliteFile(path, { create: true });
	db.run("PRAGMA journal_mode = WAL");
	db.run("CREATE TABLE observations (title TEXT, text TEXT)");
	db.run("INSERT INTO observations VALUES ('one', NULL), ('two', NULL)");
	const whileOpen = await read(path);
	db.close();
	expect(readdirSync(folder)).toEqual(["claude-mem.db"]);
	const { rows } = await read(path);
	expect(contents(rows)).toEqual(["one.", "two."]);
	expect(rows).toEqual(whileOpen.rows);
	// Without ids of their own they are told apart all the same.
	expect(rows.map((row) => "memory" in row && row.memory.sourceId)).toEqual(["observation:1", "observation:2"]);
	expect(readdirSync(folder)).toEqual(["claude-mem.db"]);
});

test("a database of something else is named", async () => {
	const path = join(folder, "photos.db");
	const db = new SqliteFile(path, { create: true });
	db.run("CREATE TABLE photos (id)");
	db.close();
	await expect(read(path)).rejects.toThrow("no database of claude-mem");
	const own = join(folder, "memories.db");
	const signet = new SqliteFile(own, { create: true });
	signet.run("CREATE TABLE memories (id)");
	signet.run("CREATE TABLE memory_history (id)");
	signet.close();
	await expect(read(own)).rejects.toThrow("a database of Signet");
	await expect(read(write("cut.db", "SQLite format 3\0 and no more"))).rejects.toThrow(
		`${join(folder, "cut.db")} is no`,
	);
});

test("basic-memory: observations, relations, and what else the notes say", async () => {
	write(
		"notes/coffee.md",
		`---
title: Coffee
type: note
permalink: notes/coffee
tags: [kitchen]
---
# Coffee

How we make it.

- [ ] buy beans

## Observations
- [preference] Dark roast in the morning #beans (from Ana)
- [tip] Rinse the filter

## Relations
- brewed_with [[V60]]
`,
	);
	write("notes/plain.md", "# Plain\n\nNothing special.\n");
	const { format, rows } = await read(join(folder, "notes"));
	expect(format).toBe("basic-memory");
	expect(contents(rows)).toEqual([
		"Coffee: Dark roast in the morning (from Ana)",
		"Coffee: Rinse the filter",
		"Coffee brewed with V60",
		"# Coffee\n\nHow we make it.\n\n- [ ] buy beans",
		"# Plain\n\nNothing special.",
	]);
	expect(rows[0]).toMatchObject({ memory: { type: "preference", tags: "preference,beans,kitchen" } });
});

test("basic-memory: files of Windows are read as others", async () => {
	const note = "---\r\ntitle: T\r\npermalink: t\r\n---\r\n- [preference] tea #hot\r\n- pairs_with [[Cake]]\r\n";
	const { rows } = await read(write("t.md", note));
	expect(contents(rows)).toEqual(["T: tea", "T pairs with Cake"]);
});

test("markdown: one memory a section, of one file or a folder of them", async () => {
	write("CLAUDE.md", "# Rules\n\nNever push on Fridays.\n\n## Style\n\nTabs.\n");
	write("docs/guide.md", "---\ntags: [guide]\ncreated: 2026-01-02\n---\nJust text.\n");
	write("docs/empty.md", "\n");
	write("docs/bad.md", Uint8Array.of(0xff, 0xfe, 0x00));
	write(".git/hidden.md", "# Hidden\n\ntext\n");
	write("node_modules/x/readme.md", "# Readme\n\ntext\n");
	symlinkSync(folder, join(folder, "loop"));
	expect(contents((await read(join(folder, "CLAUDE.md"))).rows)).toEqual([
		"# Rules\n\nNever push on Fridays.",
		"## Style\n\nTabs.",
	]);
	const { format, rows } = await read(folder);
	expect(format).toBe("markdown");
	expect(contents(rows)).toEqual([
		"# Rules\n\nNever push on Fridays.",
		"## Style\n\nTabs.",
		"the file is no UTF-8 text",
		"the file has no text",
		"Just text.",
	]);
	expect(rows[4]).toMatchObject({ memory: { tags: "docs/guide,guide", sourceType: "markdown" } });
});

describe("a bundle", () => {
	test("of the reference is read as a folder or as one file", async () => {
		const memories = lines(
			{ id: "a", content: "one", pinned: 1, tags: "x", who: null },
			{ id: "b", content: "two", odd: [] },
		);
		write("bundle/manifest.json", JSON.stringify({ version: "1.0", stats: {} }));
		write("bundle/memories.jsonl", memories);
		write("bundle/identity/SOUL.md", "calm");
		write("bundle/forgotten.jsonl", "");
		write("bundle/identity/EVIL.md", "x");
		const one = write(
			"bundle.json",
			JSON.stringify({ "manifest.json": '{"version":"1.0"}', "memories.jsonl": memories }),
		);
		for (const path of [join(folder, "bundle"), one]) {
			const { format, rows } = await read(path);
			expect(format).toBe("signet");
			expect(rows).toEqual([
				{
					kind: "memory",
					key: "memories.jsonl, line 1",
					row: { id: "a", content: "one", pinned: 1, tags: "x", who: null },
				},
				{ key: "memories.jsonl, line 2", why: "a member is neither text nor number" },
			]);
		}
		write("bundle/agent.yaml", "a: 1");
		write("bundle/skills/web/SKILL.md", "x");
		const source = await FORMATS.signet(join(folder, "bundle"));
		expect(source.identity?.()).toEqual([{ name: "SOUL.md", text: "calm" }]);
		expect(source.leftOut?.()).toEqual(["agent.yaml", "skills"]);
	});

	test("that was changed, damaged or made by a later version is refused as a whole", async () => {
		write("bundle/manifest.json", JSON.stringify({ version: "1.0", checksums: { "memories.jsonl": "0".repeat(64) } }));
		write("bundle/memories.jsonl", lines({ id: "a", content: "one" }));
		await expect(read(join(folder, "bundle"))).rejects.toThrow("memories.jsonl");
		for (const name of ["gone.jsonl", "../memories.json", "identity", "/dev/zero"]) {
			write("bundle/manifest.json", JSON.stringify({ version: "1.0", checksums: { [name]: "0".repeat(64) } }));
			await expect(read(join(folder, "bundle"))).rejects.toThrow(name);
		}
		write("later/manifest.json", JSON.stringify({ version: "2.0" }));
		await expect(read(join(folder, "later"))).rejects.toThrow("version 2.0");
		write("none/manifest.json", "{");
		await expect(read(join(folder, "none"))).rejects.toThrow("no bundle");
	});
});

describe("an archive", () => {
	const backup = JSON.stringify({ memories: [{ id: "1", content: "Uses tabs" }] });
	const opened = async (path: string) => {
		const source = await openSource(path);
		try {
			const rows: Found[] = [];
			for await (const found of source.read()) rows.push(found);
			return { format: source.format, rows };
		} finally {
			source.close();
		}
	};
	const leftBehind = () => readdirSync(join(folder, "tmp"));
	const usual = process.env.TMPDIR;
	beforeEach(() => {
		mkdirSync(join(folder, "tmp"));
		process.env.TMPDIR = join(folder, "tmp");
	});
	afterEach(() => {
		if (usual === undefined) delete process.env.TMPDIR;
		else process.env.TMPDIR = usual;
	});

	test("is unpacked: a backup of OpenMemory, lines, and what lies in one folder", async () => {
		const zip = (members: Zippable) => zipSync(members);
		const files = [
			["backup.zip", zip({ "memories.json": strToU8(backup), "memories.jsonl.gz": strToU8("x") }), "mem0"],
			["memories.jsonl.gz", Bun.gzipSync(Buffer.from('{"content":"Uses tabs"}')), "jsonl"],
			["notes.zip", zip({ notes: { "a.md": strToU8("Uses tabs"), "b.png": new Uint8Array(9) } }), "markdown"],
			["stored.zip", zip({ "memories.json": [strToU8(backup), { level: 0 }] }), "mem0"],
		] as const;
		for (const [name, bytes, expected] of files) {
			const { format, rows } = await opened(write(name, bytes));
			expect({ name, format, contents: contents(rows) }).toEqual({ name, format: expected, contents: ["Uses tabs"] });
		}
		expect(leftBehind()).toEqual([]);
	});

	test("that is hostile or damaged does nothing but fail, and leaves nothing", async () => {
		const text = strToU8(backup);
		for (const name of [
			"../evil.json",
			"/evil.json",
			"a/../../evil.json",
			"a\\evil.json",
			"C:/evil.json",
			"a//b.json",
		]) {
			await expect(opened(write("evil.zip", zipSync({ [name]: text })))).rejects.toThrow("outside of its folder");
		}
		const bomb = zipSync({ "a.json": new Uint8Array(30_000_000), "b.png": new Uint8Array(30_000_000) });
		expect(bomb.byteLength).toBeLessThan(100_000);
		const path = write("bomb.zip", bomb);
		await expect(unpack(path, { bytes: 50_000_000, members: 10 })).rejects.toThrow("more than 50000000 bytes");
		await expect(unpack(path, { bytes: 1e9, members: 1 })).rejects.toThrow("more than 1 files");
		const gzip = write("bomb.json.gz", Bun.gzipSync(new Uint8Array(30_000_000)));
		await expect(unpack(gzip, { bytes: 1_000_000, members: 10 })).rejects.toThrow("more than 1000000 bytes");
		const whole = zipSync({ "memories.json": text });
		await fc.assert(
			fc.asyncProperty(fc.nat(whole.byteLength - 1), fc.nat(255), async (at, byte) => {
				const damaged = whole.slice();
				damaged[at] = byte;
				await opened(write("damaged.zip", damaged)).catch((error: unknown) => expect(error).toBeInstanceOf(Error));
				await opened(write("short.zip", whole.slice(0, at))).catch((error: unknown) =>
					expect(error).toBeInstanceOf(Error),
				);
			}),
		);
		expect(leftBehind()).toEqual([]);
	}, 30_000);
});

describe("what leads out of the folder that was named is not followed:", () => {
	const secret = () => write("outside/secret.md", "the secret\n");

	test("a note that is a link, or in a linked folder", async () => {
		secret();
		write("notes/own.md", "mine");
		symlinkSync(join(folder, "outside", "secret.md"), join(folder, "notes", "link.md"));
		symlinkSync(join(folder, "outside"), join(folder, "notes", "door"));
		expect(contents((await read(join(folder, "notes"))).rows)).toEqual(["mine"]);
	});

	test("files of a bundle, whether they say who an agent is or what it knows", async () => {
		secret();
		write("bundle/manifest.json", JSON.stringify({ version: "1.0" }));
		write("bundle/identity/USER.md", "Ana");
		symlinkSync(join(folder, "outside", "secret.md"), join(folder, "bundle", "identity", "SOUL.md"));
		symlinkSync(join(folder, "outside", "secret.md"), join(folder, "bundle", "memories.jsonl"));
		const source = await FORMATS.signet(join(folder, "bundle"));
		expect(() => source.identity?.()).toThrow("links are not followed");
		expect(read(join(folder, "bundle"))).rejects.toThrow("links are not followed");
	});

	test("names that a bundle has checksums of", async () => {
		secret();
		const sha256 = new Bun.CryptoHasher("sha256").update("the secret\n").digest("hex");
		for (const name of ["../outside/secret.md", join(folder, "outside", "secret.md")]) {
			write("bundle/manifest.json", JSON.stringify({ version: "1.0", checksums: { [name]: sha256 } }));
			expect(read(join(folder, "bundle"))).rejects.toThrow("cannot be the name of a file here");
		}
	});
});

test("what cannot be seen has to be said", async () => {
	expect(detectFormat(join(folder, "nowhere"))).rejects.toThrow("There is no file or folder");
	expect(detectFormat(write("notes.txt", "x"))).rejects.toThrow("--from");
});
