import { expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readDaemonRecord } from "@signet/daemon/runtime";
import { Home } from "./home.ts";

const TIMEOUT_MS = 60_000;

async function servedHome(): Promise<Home> {
	const home = new Home();
	await home.serve();
	return home;
}

/** Every file of a bundle by its name, without the manifest, which says when it was made. */
function filesOf(folder: string): Record<string, string> {
	const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
		statSync(join(folder, name)).isFile(),
	);
	return Object.fromEntries(
		names.filter((name) => name !== "manifest.json").map((name) => [name, readFileSync(join(folder, name), "utf8")]),
	);
}

const jsonl = (...objects: unknown[]) => objects.map((object) => JSON.stringify(object)).join("\n");

test(
	"what is exported and imported is the same in another home: versions, history, and what was forgotten",
	async () => {
		await using first = await servedHome();
		await using second = await servedHome();
		const ids: string[] = [];
		for (let n = 0; n < 30; n++)
			ids.push((await first.json("remember", `Memory number ${n} — ünïcode 🌻`, "-t", "a,b")).id);
		await first.json("edit", ids[0] ?? "", "--content", "Changed since", "--tags", "c");
		await first.json("pin", ids[1] ?? "");
		await first.json("forget", ids[2] ?? "", "--yes");
		first.write({ ".agents/SOUL.md": "calm\n" });
		const target = join(first.folder, "bundle");
		expect(await first.json("export", target)).toMatchObject({ path: target, memories: 29, forgotten: 1 });
		// The earlier daemon takes every row of that file for a memory that is there.
		const carried = readFileSync(join(target, "memories.jsonl"), "utf8").split("\n");
		expect(carried.map((line) => JSON.parse(line).is_deleted)).toEqual(carried.map(() => 0));
		expect(statSync(join(target, "memories.jsonl")).mode & 0o777).toBe(0o600);

		const taken = await second.json("import", target);
		expect(taken.account).toMatchObject({ read: 30, kept: 30, merged: 0, refused: 0, refusals: [] });
		expect(readFileSync(join(second.paths.root, "SOUL.md"), "utf8")).toBe("calm\n");
		const again = join(second.folder, "bundle");
		await second.json("export", again);
		expect(filesOf(again)).toEqual(filesOf(target));

		expect((await second.json("recall", "what has changed?"))[0].content).toBe("Changed since");
		expect((await second.run(["show", ids[2] ?? ""])).code).toBe(5);
		expect((await second.json("recover", ids[2] ?? "")).results).toMatchObject([{ status: "recovered" }]);
		expect((await second.json("restore", ids[0] ?? "", "1")).results).toMatchObject([{ success: true }]);
		expect((await second.json("show", ids[0] ?? "")).content).toBe("Memory number 0 — ünïcode 🌻");

		const twice = await second.json("import", target);
		expect(twice.account).toMatchObject({ read: 30, kept: 0 });
		expect((await second.json("stats")).total).toBe(30);

		// Where there is no daemon to ask, nothing is left that looks like a bundle.
		const nowhere = { SIGNET_PATH: join(first.folder, "nowhere"), SIGNET_PORT: "1" };
		for (const name of ["broken.zip", "broken.json", "broken"]) {
			expect((await first.run(["export", name], { env: nowhere })).code).toBe(3);
			expect(existsSync(join(first.folder, name))).toBe(false);
		}
		first.write({ "a.txt": "x" });
		expect((await first.run(["export", "a.txt"])).code).toBe(6);
		const one = join(first.folder, "bundle.json");
		await first.json("export", one);
		const archive = join(first.folder, "bundle.zip");
		await first.json("export", "-o", archive);
		expect(statSync(archive).mode & 0o777).toBe(0o600);
		await using third = await servedHome();
		for (const [path, expected] of [
			[one, { kept: 30 }],
			[archive, { kept: 0, merged: 30 }],
		] as const) {
			expect((await third.json("import", path)).account).toMatchObject({ read: 30, refused: 0, ...expected });
			expect((await first.run(["export", path])).code).toBe(6);
		}
		const once = join(third.folder, "bundle");
		await third.json("export", once);
		expect(filesOf(once)).toEqual(filesOf(target));
	},
	TIMEOUT_MS,
);

test(
	"an export that cannot be written says where and why, before anything is asked for, and leaves nothing",
	async () => {
		await using home = new Home();
		home.write({ "file.txt": "x", "mine.zip": "mine" });
		const inFolder = (name: string) => join(home.folder, name);
		for (const [name, words, advice, code] of [
			["none/bundle.zip", `there is no folder ${inFolder("none")}`, `mkdir -p ${inFolder("none")}`, 1],
			["none/bundle.json", `there is no folder ${inFolder("none")}`, `mkdir -p ${inFolder("none")}`, 1],
			["file.txt/bundle.zip", "is a file, and no folder", "another place", 1],
			["file.txt/bundle", "is a file, and no folder", "another place", 1],
			[`${"n".repeat(300)}.zip`, "the name is too long", "another place", 1],
			["mine.zip", "is there already", "remove it first", 6],
		] as const) {
			const { code: status, stderr, stdout } = await home.run(["export", name]);
			expect({ name, status, stdout }).toEqual({ name, status: code, stdout: "" });
			expect(stderr).toContain(inFolder(name));
			expect(stderr).toContain(words);
			expect(stderr).toContain(advice);
			expect(stderr).not.toMatch(/\b[A-Z]{5,}\b/);
		}
		expect(
			readdirSync(home.folder)
				.filter((name) => !name.startsWith("."))
				.sort(),
		).toEqual(["file.txt", "mine.zip"]);
		expect(readFileSync(join(home.folder, "mine.zip"), "utf8")).toBe("mine");
		// What the daemon does not answer leaves nothing either, nor the folders above it.
		expect((await home.run(["export", "new/folder/bundle"], { env: { SIGNET_PORT: "1" } })).code).toBe(3);
		expect(existsSync(join(home.folder, "new"))).toBe(false);
	},
	TIMEOUT_MS,
);

test(
	"an import of which every row was refused has failed, and one of which some were says so",
	async () => {
		await using home = await servedHome();
		const bad = jsonl({ content: "too important", importance: "much" }, { text: " " });
		home.write({
			"all.jsonl": bad,
			"one.jsonl": jsonl({ nothing: true }),
			"some.jsonl": `${bad}\n${jsonl({ content: "The well is deep" })}`,
			"known.jsonl": `${bad}\n${jsonl({ content: "the well is deep!" })}`,
			"none.jsonl": "",
		});
		const run = async (...args: string[]) => {
			const { code, stdout, stderr } = await home.run(["import", ...args]);
			return { code, said: stdout.split("\n"), error: stderr.split("\n")[0] };
		};
		for (const [args, error] of [
			[["all.jsonl"], "signet: No memory was taken: all 2 rows were refused"],
			[["one.jsonl"], "signet: No memory was taken: the only row was refused"],
			[["all.jsonl", "--dry-run"], "signet: No memory would be taken: all 2 rows would be refused"],
		] as const) {
			const outcome = await run(...args);
			expect(outcome).toMatchObject({ code: 1, error });
			expect(outcome.said[0]).toStartWith("✗ read");
			expect(outcome.said.join(" ")).not.toContain("take it back");
		}
		const { code, stdout } = await home.run(["import", "all.jsonl", "--json"]);
		expect([code, JSON.parse(stdout)]).toMatchObject([
			1,
			{ account: { read: 2, refused: 2 }, error: "No memory was taken: all 2 rows were refused" },
		]);

		const some = await run("some.jsonl");
		expect(some).toMatchObject({ code: 0, error: "" });
		expect(some.said.slice(0, 2)).toEqual([
			"! read 3 = kept 1 + merged 0 + refused 2",
			"  2 of 3 rows refused, the others taken",
		]);
		// What is known already was not refused.
		expect((await run("known.jsonl")).code).toBe(0);
		expect(await run("none.jsonl")).toMatchObject({
			code: 0,
			said: ["! read 0 = kept 0 + merged 0 + refused 0", "There was nothing in it to take.", ""],
		});
	},
	TIMEOUT_MS,
);

test(
	"an import gives an account of every row, does nothing twice, and can be tried and taken back",
	async () => {
		await using home = await servedHome();
		await home.json("remember", "I prefer tea");
		const { id: gone } = await home.json("remember", "The old gate code");
		await home.json("forget", gone, "--yes");
		const file = join(home.folder, "memories.jsonl");
		writeFileSync(
			file,
			[
				jsonl(
					{ content: "The ferry sails at noon", tags: ["boats"], createdAt: "2025-01-02T00:00:00Z", who: "ben" },
					{ content: "i prefer TEA." },
					{ content: "the old gate code" },
					{ content: "The ferry sails at noon!" },
					{ content: "Too important", importance: "much" },
				),
				"{broken",
			].join("\n"),
		);
		const expected = { read: 6, kept: 1, merged: 2, refused: 3 };
		const tried = await home.json("import", file, "--dry-run");
		expect(tried).toMatchObject({ dryRun: true, format: "jsonl", account: expected });
		expect((await home.json("stats")).total).toBe(1);

		const { stdout } = await home.run(["import", file]);
		expect(stdout).toContain("read 6 = kept 1 + merged 2 + refused 3");
		expect(stdout).toContain("forgotten or erased here");
		expect(stdout).toContain("line 5");
		expect((await home.json("recall", "ferry"))[0]).toMatchObject({
			content: "The ferry sails at noon",
			who: "ben",
			created_at: "2025-01-02T00:00:00.000Z",
		});
		expect((await home.json("import", file)).account).toMatchObject({ read: 6, kept: 0, merged: 3, refused: 3 });

		const { imports } = await home.json("import", "--list");
		expect(imports).toMatchObject([{ isEmpty: true }, { isEmpty: false }]);
		expect((await home.run(["import", "--list"])).stdout).toContain("nothing new");
		const nothing = await home.run(["import", "--undo", imports[0].id]);
		expect([nothing.code, nothing.stdout]).toEqual([0, "There is nothing to take back: it had brought nothing new\n"]);
		const id = imports[1].id.slice(0, 8);
		expect((await home.run(["import", "--undo", id])).code).toBe(2);
		expect(await home.json("import", "--undo", id, "--yes")).toMatchObject({ undone: 1, left: 0 });
		expect((await home.json("stats")).total).toBe(1);
		// What was taken back was not forgotten by anybody.
		expect((await home.json("import", file)).account).toMatchObject({ kept: 1 });
		expect((await home.json("import", file, "--revive")).account).toMatchObject({ kept: 1, refused: 2 });
		expect((await home.json("recall", "gate code"))[0].content).toBe("the old gate code");
	},
	TIMEOUT_MS,
);

test(
	"what somebody has changed since is left when an import is taken back",
	async () => {
		await using home = await servedHome();
		const file = join(home.folder, "memories.jsonl");
		writeFileSync(
			file,
			jsonl({ content: "one", sourceType: "x", sourceId: "1" }, { content: "two" }, { content: "three" }),
		);
		const { id } = await home.json("import", file);
		const { memories } = await home.json("list");
		await home.json("pin", memories.find(({ content }: { content: string }) => content === "three").id);
		writeFileSync(file, jsonl({ content: "one, changed", sourceType: "x", sourceId: "1" }));
		const { id: later } = await home.json("import", file);
		const texts = async () =>
			(await home.json("list")).memories.map(({ content }: { content: string }) => content).sort();
		expect(await texts()).toEqual(["one, changed", "three", "two"]);
		expect(await home.json("import", "--undo", later, "--yes")).toMatchObject({ undone: 1, left: 0 });
		expect(await texts()).toEqual(["one", "three", "two"]);
		// The later import has left no trace: what the first one brought is as it was, but for what somebody pinned.
		expect(await home.json("import", "--undo", id, "--yes")).toMatchObject({ undone: 2, left: 1 });
		expect(await texts()).toEqual(["three"]);
	},
	TIMEOUT_MS,
);

test(
	"two homes with a past become one: the later version wins, tags are joined, what was forgotten here stays so",
	async () => {
		await using first = await servedHome();
		await using second = await servedHome();
		const { id: ferry } = await first.json("remember", "The ferry sails at noon", "-t", "boats");
		const { id: gate } = await first.json("remember", "The gate code is 1234");
		const bundle = join(first.folder, "bundle");
		await first.json("export", bundle);
		await second.json("import", bundle);
		await second.json("forget", gate, "--yes");
		await second.json("tag", ferry, "travel");
		await first.json("edit", ferry, "--content", "The ferry sails at one");
		await first.json("edit", ferry, "--importance", "0.9");
		const later = join(first.folder, "later");
		await first.json("export", later);
		expect((await second.json("import", later)).account).toMatchObject({ read: 2, kept: 1, merged: 0, refused: 1 });
		expect(await second.json("show", ferry)).toMatchObject({ content: "The ferry sails at one", tags: "boats,travel" });
		expect((await second.run(["show", gate])).code).toBe(5);
		// What was erased does not come back in a bundle either.
		await second.json("forget", ferry, "--erase", "--yes");
		const refused = await second.run(["import", later, "--json"]);
		expect(refused.code).toBe(1);
		expect(JSON.parse(refused.stdout).account).toMatchObject({ kept: 0, refused: 2 });
	},
	TIMEOUT_MS,
);

test(
	"what is exported while others write fits together",
	async () => {
		await using first = await servedHome();
		await using second = await servedHome();
		const url = readDaemonRecord(first.paths)?.url ?? "";
		const send = (method: string, path: string, body: object) =>
			fetch(url + path, { method, body: JSON.stringify(body) });
		const ids: string[] = [];
		for (let n = 0; n < 1_200; n++) await send("POST", "/api/memory/remember", { content: `Memory ${n}` });
		for (let offset = 0; offset < 1_200; offset += 200) {
			const { body } = await first.get(`/api/memories?limit=200&offset=${offset}`);
			ids.push(...body.memories.map(({ id }: { id: string }) => id));
		}
		const bundle = join(first.folder, "bundle.zip");
		let isExporting = true;
		let edits = 0;
		const editing = (async () => {
			for (; isExporting || edits === 0; edits++) {
				const id = ids[(edits * 7) % ids.length];
				await send("PATCH", `/api/memory/${id}`, { content: `Edited ${edits}`, reason: "meanwhile" });
			}
		})();
		const exported = await first.json("export", bundle).finally(() => {
			isExporting = false;
		});
		await editing;
		const { account } = await second.json("import", bundle);
		expect(account).toMatchObject({ read: 1_200, kept: 1_200, refused: 0, refusals: [] });
		expect(account.others.event).toMatchObject({ read: exported.events, kept: exported.events });
		for (const id of ids.slice(0, 40)) {
			const { version } = await second.json("show", id);
			const { history } = await second.json("history", id);
			expect(Math.max(...history.map((event: { version: number }) => event.version))).toBe(version);
		}
	},
	TIMEOUT_MS,
);

test(
	"hostile bundles and files harm nobody",
	async () => {
		await using home = await servedHome();
		const folder = join(home.folder, "bundle");
		mkdirSync(join(folder, "identity"), { recursive: true });
		writeFileSync(join(folder, "manifest.json"), JSON.stringify({ version: "1.0" }));
		writeFileSync(join(folder, "identity", "..evil.md"), "x");
		writeFileSync(
			join(folder, "memories.jsonl"),
			jsonl(
				{ id: "a", content: "good", 'x"; DROP TABLE memories; --': 1, version: "9e99", is_deleted: 7, rowid: -1 },
				{ id: "", content: "no id" },
				{ id: "b", content: "" },
				{ id: "c", content: "x".repeat(600_000) },
				{ id: { nested: true }, content: "nested" },
				{ id: "d", content: "another", created_at: "not a time", tags: 7, type: 5, importance: "much" },
			),
		);
		writeFileSync(join(folder, "history.jsonl"), jsonl({ id: "h", memory_id: "nobody", event: "created" }));
		const { account } = await home.json("import", folder);
		expect(account).toMatchObject({ read: 6, kept: 2, refused: 4, others: { event: { read: 1, refused: 1 } } });
		expect((await home.json("list")).memories.map(({ content }: { content: string }) => content).sort()).toEqual([
			"another",
			"good",
		]);
		expect(await home.json("show", "a")).toMatchObject({ version: 1, is_deleted: 0 });
		expect(existsSync(join(home.folder, "..evil.md"))).toBe(false);
		for (const path of ["nowhere", "notes.bin"]) expect((await home.run(["import", path])).code).toBe(2);
		// What the system says of files names calls and numbers.
		home.write({
			"folder/x.txt": "x",
			"odd/manifest.json": JSON.stringify({ version: "1.0" }),
			"odd/memories.jsonl/x": "",
		});
		for (const [path, format] of [
			["folder", "jsonl"],
			["folder", "mem0"],
			["folder", "signet"],
			["folder", "claude-mem"],
			["odd", "signet"],
		] as const) {
			const { code, stderr } = await home.run(["import", path, "--from", format]);
			expect(code).not.toBe(0);
			expect(stderr).toContain(path);
			expect(stderr).not.toMatch(/\bE[A-Z]{3,}\b/);
		}
		expect((await home.run(["import"])).code).toBe(2);
		expect((await home.run(["import", folder, "--from", "nonsense"])).stderr).toContain("There are signet,");
		expect((await home.run(["doctor"])).stdout).toContain("sound");
	},
	TIMEOUT_MS,
);

test(
	"what one source says several times in a file is all there; said differently the next time, it is changed in its place",
	async () => {
		await using home = await servedHome();
		const turns = (...said: string[]) =>
			jsonl(...said.map((content) => ({ content, sourceType: "session", sourceId: "s-1", sessionId: "s-1" })));
		home.write({ "turns.jsonl": turns("The gate is green", "The roof is red", "The well is deep") });
		const path = join(home.folder, "turns.jsonl");
		expect((await home.json("import", path)).account).toMatchObject({ read: 3, kept: 3, merged: 0, refused: 0 });
		const contents = async () =>
			(await home.json("list")).memories.map(({ content }: { content: string }) => content).sort();
		expect(await contents()).toEqual(["The gate is green", "The roof is red", "The well is deep"]);
		home.write({ "turns.jsonl": turns("The gate is green", "The roof is black", "The well is deep") });
		const again = await home.json("import", path);
		expect(again.account).toMatchObject({ read: 3, kept: 1, merged: 2, refused: 0 });
		expect(await contents()).toEqual(["The gate is green", "The roof is black", "The well is deep"]);
		await home.json("import", "--undo", again.id, "--yes");
		expect(await contents()).toEqual(["The gate is green", "The roof is red", "The well is deep"]);
	},
	TIMEOUT_MS,
);
