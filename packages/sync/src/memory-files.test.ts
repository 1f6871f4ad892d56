import { afterEach, beforeEach, expect, test } from "bun:test";
import {
	chmodSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	symlinkSync,
	utimesSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { realWorld } from "@signet/core/world";
import { type Database, sql } from "@signet/db";
import { erase, forget, modify, remember } from "@signet/memory";
import { ana, type MemoryBench, memoryBench } from "@signet/memory/testing";
import fc from "fast-check";
import { MemoryFiles } from "./memory-files.ts";

const reason = "because";
let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "signet-sync-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Write a file of the notes, long enough ago to be whole. */
function write(name: string, text: string | Uint8Array, secondsAgo = 60): string {
	const path = join(folder, "notes", name);
	mkdirSync(dirname(path), { recursive: true });
	writeFileSync(path, text);
	const time = Date.now() / 1_000 - secondsAgo;
	utimesSync(path, time, time);
	return path;
}

interface Watched extends AsyncDisposable {
	readonly bench: MemoryBench;
	readonly problems: [string, string][];
	/** How often something was written so far. */
	writes(): number;
	/** Done before each write from now on; what it throws fails the write. */
	beforeWrite(work: () => unknown): void;
	look(): Promise<void>;
	/** As after a restart. */
	lookAnew(): Promise<void>;
	/** What is remembered, in the order in which it came. */
	contents(): Promise<string[]>;
}

async function watched(): Promise<Watched> {
	const bench = await memoryBench();
	const problems: [string, string][] = [];
	let writes = 0;
	let beforeWrite: () => unknown = () => undefined;
	const database: Pick<Database, "read" | "write"> = {
		read: (work) => bench.database.read(work),
		async write(work) {
			writes++;
			await beforeWrite();
			return bench.database.write(work);
		},
	};
	const open = () =>
		new MemoryFiles({
			database,
			world: bench.world,
			guard: bench.guard,
			places: { notes: join(folder, "notes"), projects: join(folder, "projects") },
			isExtracted: () => false,
			isPaused: () => bench.settings().pipeline.mutationsFrozen,
			onProblem: (path, problem) => problems.push([path.slice(folder.length + 1), problem]),
		});
	let files = open();
	return {
		bench,
		problems,
		writes: () => writes,
		beforeWrite: (work) => {
			beforeWrite = work;
		},
		look: () => files.look(),
		async lookAnew() {
			await files.stop();
			files = open();
			await files.look();
		},
		async contents() {
			const rows = await bench.database.read((reader) =>
				reader.all<{ content: string }>(sql`SELECT content FROM memories WHERE is_deleted = 0 ORDER BY rowid`),
			);
			return rows.map(({ content }) => content);
		},
		async [Symbol.asyncDispose]() {
			await files.stop();
			await bench[Symbol.asyncDispose]();
		},
	};
}

const idOf = async ({ database }: MemoryBench, content: string) => {
	const row = await database.read((reader) =>
		reader.get<{ id: string }>(sql`SELECT id FROM memories WHERE content = ${content}`),
	);
	return row?.id ?? "";
};
const changes = ({ database }: MemoryBench) =>
	database.read((reader) =>
		reader.get(sql`SELECT (SELECT count(*) FROM memory_history) AS events,
		(SELECT max(version) FROM memories) AS version, (SELECT sum(mtime_ms) FROM sgn_files) AS files`),
	);

test("what a file says is remembered section by section, and follows it", async () => {
	await using files = await watched();
	write("day.md", "# One\n\nfirst\n\n# Two\n\nsecond\n");
	await files.look();
	expect(await files.contents()).toEqual(["# One first", "# Two second"]);
	write("day.md", "# One\n\nfirst\n\n# Two\n\nsecond, but better\n\n# Three\n\nthird\n", 50);
	await files.look();
	expect(await files.contents()).toEqual(["# One first", "# Two second, but better", "# Three third"]);
});

test("a section that was away comes back as the same memory", async () => {
	await using files = await watched();
	write("day.md", "# One\n\nfirst\n\n# Two\n\nsecond\n");
	await files.look();
	const id = await idOf(files.bench, "# Two second");
	write("day.md", "# One\n\nfirst\n", 50);
	await files.look();
	expect(await files.contents()).toEqual(["# One first"]);
	write("day.md", "# One\n\nfirst\n\n# Two\n\nsecond\n", 40);
	await files.look();
	expect(await files.contents()).toEqual(["# One first", "# Two second"]);
	expect((await files.bench.row(id)).is_deleted).toBe(0);
});

test("the same files change nothing, whether the daemon was restarted, or they were touched, renamed or copied", async () => {
	await using files = await watched();
	const path = write("day.md", "# One\n\nfirst\n");
	await files.look();
	const before = files.writes();
	await files.look();
	await files.lookAnew();
	expect(files.writes()).toBe(before);
	write("day.md", "# One\n\nfirst\n", 30);
	write("copy.md", "# One\n\nfirst\n");
	await files.look();
	renameSync(path, join(folder, "notes", "other name.md"));
	await files.look();
	expect(await files.contents()).toEqual(["# One first"]);
	expect(await changes(files.bench)).toMatchObject({ events: 1, version: 1 });
});

test("what only a removed file said is retired at the second look, and comes back with it", async () => {
	await using files = await watched();
	const { bench } = files;
	const path = write("day.md", "# One\n\nfirst\n\n# Two\n\nsecond\n\n# Three\n\nthird\n");
	write("other.md", "# Three\n\nthird\n");
	await files.look();
	await modify(bench, { id: await idOf(bench, "# One first"), reason, patch: { pinned: true } }, ana);
	rmSync(path);
	await files.look();
	expect(await files.contents()).toEqual(["# One first", "# Two second", "# Three third"]);
	await files.look();
	expect(await files.contents()).toEqual(["# One first", "# Three third"]);
	write("day.md", "# Two\n\nsecond\n");
	await files.lookAnew();
	expect(await files.contents()).toEqual(["# One first", "# Two second", "# Three third"]);
});

test("a file under a new name is followed as before", async () => {
	await using files = await watched();
	renameSync(write("day.md", "# One\n\nfirst\n\n# Two\n\nsecond\n"), join(folder, "notes", "first name.md"));
	await files.look();
	renameSync(join(folder, "notes", "first name.md"), join(folder, "notes", "second name.md"));
	for (let n = 0; n < 3; n++) await files.look();
	expect(await changes(files.bench)).toMatchObject({ events: 2, version: 1 });
	write("second name.md", "# Two\n\nsecond\n", 50);
	await files.look();
	expect(await files.contents()).toEqual(["# Two second"]);
});

test("what somebody asked for stays, even if a file said it first", async () => {
	await using files = await watched();
	const path = write("day.md", "# One\n\nfirst\n\n# Two\n\nsecond\n");
	await files.look();
	await remember(files.bench, { content: "# One first" }, ana);
	renameSync(path, join(folder, "notes", "other name.md"));
	for (let n = 0; n < 3; n++) await files.look();
	write("other name.md", "nothing of that\n", 50);
	await files.look();
	expect(await files.contents()).toEqual(["# One first", "nothing of that"]);
});

test("a workspace that has moved is followed where it is now", async () => {
	await using files = await watched();
	write("day.md", "# One\n\nfirst\n\n# Two\n\nsecond\n");
	await files.look();
	renameSync(folder, `${folder}-moved`);
	folder = `${folder}-moved`;
	for (let n = 0; n < 3; n++) await files.lookAnew();
	expect(await changes(files.bench)).toMatchObject({ events: 2, version: 1 });
	write("day.md", "# Two\n\nsecond\n", 50);
	await files.look();
	expect(await files.contents()).toEqual(["# Two second"]);
});

test("files that nobody can see are not taken for removed", async () => {
	await using files = await watched();
	write("day.md", "# One\n\nfirst\n");
	await files.look();
	renameSync(join(folder, "notes"), join(folder, "not mounted"));
	for (let n = 0; n < 3; n++) await files.look();
	expect(await files.contents()).toEqual(["# One first"]);
});

test("what was forgotten or erased stays away, until somebody asks for it", async () => {
	await using files = await watched();
	const { bench } = files;
	write("day.md", "# One\n\nfirst\n\n# Two\n\nsecond\n");
	await files.look();
	await forget(bench, { id: await idOf(bench, "# One first"), reason, force: false }, ana);
	await erase(bench, { id: await idOf(bench, "# Two second"), reason }, ana);
	write("day.md", "# One\n\nfirst\n\n# Two\n\nsecond\n\n# Three\n\nthird\n", 50);
	write("copy.md", "# Two\n\nsecond\n");
	await files.look();
	await files.lookAnew();
	expect(await files.contents()).toEqual(["# Three third"]);
	await remember(bench, { content: "# One first" }, ana);
	expect(await files.contents()).toEqual(["# One first", "# Three third"]);
});

test("a memory that a person has changed or pinned is theirs, whatever the file says", async () => {
	await using files = await watched();
	const { bench } = files;
	write("day.md", "# One\n\nfirst\n\n# Two\n\nsecond\n");
	await files.look();
	await modify(bench, { id: await idOf(bench, "# One first"), reason, patch: { content: "First of all" } }, ana);
	await modify(bench, { id: await idOf(bench, "# Two second"), reason, patch: { pinned: true } }, ana);
	write("day.md", "nothing of that\n", 50);
	await files.look();
	expect(await files.contents()).toEqual(["First of all", "# Two second", "nothing of that"]);
});

test("no copy of a file, and no other name, brings back what a person has changed", async () => {
	await using files = await watched();
	const { bench } = files;
	const path = write("day.md", "# One\n\nfirst\n\n# Two\n\nsecond\n");
	await files.look();
	await modify(bench, { id: await idOf(bench, "# One first"), reason, patch: { content: "First of all" } }, ana);
	const second = await idOf(bench, "# Two second");
	await modify(bench, { id: second, reason, patch: { content: "Second to none" } }, ana);
	await forget(bench, { id: second, reason, force: false }, ana);
	write("copy/day.md", "# One\n\nfirst\n");
	await files.look();
	renameSync(path, join(folder, "notes", "other name.md"));
	await files.look();
	await files.lookAnew();
	expect(await files.contents()).toEqual(["First of all"]);
});

test("what two files say is kept as long as one of them does", async () => {
	await using files = await watched();
	write("a.md", "# Same\n\ntext\n");
	write("a/copy/a.md", "# Same\n\ntext\n");
	await files.look();
	write("a.md", "# Other\n\ntext\n", 50);
	await files.look();
	expect(await files.contents()).toEqual(["# Same text", "# Other text"]);
	write("a/copy/a.md", "# Other\n\ntext\n", 50);
	await files.look();
	expect(await files.contents()).toEqual(["# Other text"]);
});

test("what programs write there is not read, nor what lies elsewhere", async () => {
	await using files = await watched();
	const elsewhere = join(folder, "elsewhere.md");
	writeFileSync(elsewhere, "# Elsewhere\n\ntext\n");
	write("MEMORY.md", "# Digest\n\ntext\n");
	write("OLD-MEMORY.md", "# Digest\n\ntext\n");
	write("MEMORY.backup-2026-02-10T10-00-00.md", "# Backup\n\ntext\n");
	write("TEMPLATE.md", "# Template\n\ntext\n");
	write("2026-02-10-deploy.md", "# 2026-02-10 Session Notes\n\n## Deploy\n\ntext\n");
	write("generated.md", "<!-- generated 2026-02-10 10:00 -->\n\n# Digest\n\ntext\n");
	write("scripts/readme.md", "# Scripts\n\ntext\n");
	write(".hidden/note.md", "# Hidden\n\ntext\n");
	write("notes.txt", "text");
	symlinkSync(elsewhere, join(folder, "notes", "link.md"));
	symlinkSync(folder, join(folder, "notes", "linked-folder"));
	write("memory-notes.md", "# Read\n\ntext\n");
	await files.look();
	expect(await files.contents()).toEqual(["# Read text"]);
});

test("what Claude Code keeps of a project is read from its MEMORY.md alone", async () => {
	await using files = await watched();
	const memory = join(folder, "projects", "-home-ana-shop", "memory");
	mkdirSync(memory, { recursive: true });
	for (const name of ["MEMORY.md", "other.md"]) {
		writeFileSync(join(memory, name), `# Prices, all\n\nin ${name}\n`);
		utimesSync(join(memory, name), 1, 1);
	}
	writeFileSync(join(folder, "projects", "settings.json"), "{}");
	await files.look();
	expect(await files.contents()).toEqual(["# Prices, all in MEMORY.md"]);
	const row = await files.bench.row(await idOf(files.bench, "# Prices, all in MEMORY.md"));
	expect(row).toMatchObject({
		who: "claude-code",
		source_type: "claude-project-memory",
		tags: "claude-code,claude-project-memory,prices all,project:-home-ana-shop,hierarchical-section",
	});
});

test("what lies behind a link is no memory of a project", async () => {
	await using files = await watched();
	const elsewhere = join(folder, "elsewhere");
	mkdirSync(elsewhere);
	writeFileSync(join(elsewhere, "MEMORY.md"), "somebody's letters\n");
	utimesSync(join(elsewhere, "MEMORY.md"), 1, 1);
	mkdirSync(join(folder, "projects", "shop"), { recursive: true });
	symlinkSync(elsewhere, join(folder, "projects", "shop", "memory"));
	await files.look();
	expect(await files.contents()).toEqual([]);
	expect(files.problems.map(([path]) => path)).toEqual([join("projects", "shop", "memory", "MEMORY.md")]);
});

test("a file that cannot be used is named once, and read when it has changed", async () => {
	await using files = await watched();
	write("binary.md", Uint8Array.of(0x23, 0x20, 0xff, 0xfe));
	write("huge.md", "x".repeat(3_000_000));
	write("good.md", "good\n");
	await files.look();
	await files.look();
	expect(files.problems).toEqual([
		[join("notes", "binary.md"), "it is no UTF-8 text"],
		[join("notes", "huge.md"), "huge.md has 3000000 bytes; at most 2097152 are read"],
	]);
	write("binary.md", "text now\n", 50);
	await files.look();
	expect(await files.contents()).toEqual(["good", "text now"]);
});

test("a file that was away, or that could not be read, is read when it can be, though it has not changed", async () => {
	await using files = await watched();
	write("a.md", "text of a\n");
	const path = write("b.md", "text of b\n");
	files.beforeWrite(() => existsSync(path) && renameSync(path, `${path}.away`));
	await files.look();
	expect(await files.contents()).toEqual(["text of a"]);
	files.beforeWrite(() => undefined);
	renameSync(`${path}.away`, path);
	chmodSync(join(folder, "notes"), 0o777);
	await files.look();
	await files.look();
	expect(await files.contents()).toEqual(["text of a"]);
	expect(files.problems.map(([name]) => name)).toEqual([join("notes", "b.md")]);
	chmodSync(join(folder, "notes"), 0o700);
	await files.look();
	expect(await files.contents()).toEqual(["text of a", "text of b"]);
});

test("nothing is changed while memory is frozen, and all of it follows", async () => {
	await using files = await watched();
	files.bench.configure("embedding:\n  provider: embedded\nmemory:\n  pipelineV2:\n    mutationsFrozen: true\n");
	write("day.md", "first\n");
	await files.look();
	expect(await files.contents()).toEqual([]);
	files.bench.configure("embedding:\n  provider: embedded\n");
	await files.look();
	expect(await files.contents()).toEqual(["first"]);
});

/** Write a file at this moment of the seeded world. */
function writeNow({ bench }: Watched, name: string, text: string, { roundedToMs = 0.5 } = {}): void {
	const nowMs = bench.world.clock.now();
	const time = (nowMs - (nowMs % roundedToMs)) / 1_000;
	utimesSync(write(name, text), time, time);
}

/** Wait until memory says so; the files are read from a real disk, on which no seeded clock has an influence. */
async function untilContents(files: Watched, isSo: (contents: readonly string[]) => boolean): Promise<void> {
	const deadline = performance.now() + 4_000;
	while (!isSo(await files.contents())) {
		if (performance.now() > deadline) throw new Error(`memory has only ${await files.contents()}`);
		await realWorld.timers.yield();
	}
}

test("a file that is being written is left until it is whole", async () => {
	await using files = await watched();
	await files.bench.world.advance(100);
	writeNow(files, "day.md", "first\n");
	await files.look();
	expect(await files.contents()).toEqual([]);
	await files.bench.world.advance(1_000);
	await files.look();
	expect(await files.contents()).toEqual(["first"]);
});

test("a file that is written without end is remembered as it is, every now and then", async () => {
	await using files = await watched();
	for (let n = 0; n <= 60; n++) {
		writeNow(files, "log.md", `line ${n}\n`);
		await files.look();
		await files.bench.world.advance(399);
	}
	const [first, ...others] = await files.contents();
	expect(Number(first?.slice("line ".length))).toBeGreaterThan(10);
	expect(others).toEqual([]);
	expect((await files.bench.row(await idOf(files.bench, first ?? ""))).version).toBe(1);
});

test("where times have no fractions, the second of two quick changes is not missed", async () => {
	await using files = await watched();
	writeNow(files, "day.md", "first\n", { roundedToMs: 2_000 });
	await files.bench.world.advance(1_000);
	await files.look();
	writeNow(files, "day.md", "other\n", { roundedToMs: 2_000 });
	await files.bench.world.advance(3_000);
	await files.look();
	expect(await files.contents()).toEqual(["other"]);
});

test("the next look does not wait longer because there was much to be read, or because the machine was slow", async () => {
	await using files = await watched();
	const { world } = files.bench;
	files.beforeWrite(() => world.advance(1_000));
	for (let n = 0; n < 5; n++) write(`${n}.md`, `number ${n}\n`);
	await files.look();
	write("new.md", "the new one\n");
	await world.advance(3_000);
	await untilContents(files, (contents) => contents.includes("the new one"));
});

test("a note is remembered at once, even while a folder full of others is being read", async () => {
	await using files = await watched();
	for (let n = 0; n < 50; n++) write(`${n}.md`, `number ${n}\n`);
	let writes = 0;
	files.beforeWrite(async () => {
		if (++writes === 10) write("new.md", "the new one\n");
		await files.bench.world.advance(500);
	});
	await files.look();
	const contents = await files.contents();
	expect(contents.length).toBe(51);
	expect(contents.indexOf("the new one")).toBeLessThan(15);
});

test("what cannot be stored keeps nothing else waiting, and is tried again", async () => {
	await using files = await watched();
	files.beforeWrite(async () => {
		await files.bench.world.advance(3_000);
		if (files.writes() <= 2) throw new Error("the disk is full");
	});
	for (const name of ["a", "b", "c"]) write(`${name}.md`, `text of ${name}\n`);
	await files.look();
	expect(files.problems.map(([, problem]) => problem)).toEqual(["the disk is full", "the disk is full"]);
	expect(await files.contents()).toEqual(["text of c"]);
	await files.look();
	expect(await files.contents()).toEqual(["text of c", "text of a", "text of b"]);
});

test("whatever is written, renamed, moved and removed between looks and during them, memory ends as the files are", async () => {
	const place = fc.constantFrom("a.md", "b.md", "c.md", "in/a.md", "in/b.md", "in/deep/a.md");
	const text = fc.array(fc.constantFrom("# One\n\nfirst", "# Two\n\nsecond", "# Three\n\nthird"), { minLength: 1 });
	const deed = fc.oneof(
		fc.record({ kind: fc.constant("write" as const), to: place, text: text.map((parts) => parts.join("\n\n")) }),
		fc.record({ kind: fc.constant("rename" as const), from: place, to: place }),
		fc.record({ kind: fc.constant("rename" as const), from: fc.constant("in"), to: fc.constantFrom("in2", "in3/in") }),
		fc.record({ kind: fc.constant("rename" as const), from: fc.constantFrom("in2", "in3/in"), to: fc.constant("in") }),
		fc.record({ kind: fc.constant("remove" as const), from: fc.oneof(place, fc.constant("in")) }),
		fc.record({ kind: fc.constant("look" as const), isAwaited: fc.boolean() }),
	);
	type Deed = typeof deed extends fc.Arbitrary<infer T> ? T : never;
	const notes = (name: string) => join(folder, "notes", name);
	const apply = (each: Exclude<Deed, { kind: "look" }>, secondsAgo: number) => {
		if (each.kind === "write") return void write(each.to, each.text, secondsAgo);
		if (!existsSync(notes(each.from)) || (each.kind === "rename" && each.from === each.to)) return;
		if (each.kind === "remove") return rmSync(notes(each.from), { recursive: true });
		if (each.from === "in" || existsSync(notes(each.to))) rmSync(notes(each.to), { recursive: true, force: true });
		mkdirSync(dirname(notes(each.to)), { recursive: true });
		renameSync(notes(each.from), notes(each.to));
	};
	await fc.assert(
		fc.asyncProperty(fc.array(deed, { minLength: 5, maxLength: 30 }), async (deeds) => {
			rmSync(notes("."), { recursive: true, force: true });
			mkdirSync(notes("."), { recursive: true });
			await using files = await watched();
			let secondsAgo = 1_000;
			let looking: Promise<void> | undefined;
			for (const each of deeds) {
				await realWorld.timers.yield();
				if (each.kind === "look") looking = files.look();
				else apply(each, secondsAgo--);
				if (each.kind === "look" && each.isAwaited) await looking;
			}
			await looking;
			for (let n = 0; n < 3; n++) await files.look();
			const said = new Set<string>();
			for (const name of readdirSync(notes("."), { recursive: true, encoding: "utf8" })) {
				if (!name.endsWith(".md")) continue;
				for (const [piece] of readFileSync(notes(name), "utf8").matchAll(/# \w+\n\n\w+/g))
					said.add(piece.replace(/\s+/g, " "));
			}
			expect((await files.contents()).sort()).toEqual([...said].sort());
		}),
		{ numRuns: 25, seed: 7 },
	);
});
