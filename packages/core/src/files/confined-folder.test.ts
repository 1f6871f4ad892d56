import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
	chmodSync,
	closeSync,
	existsSync,
	linkSync,
	lstatSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	symlinkSync,
	truncateSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { ConfinedFolder } from "./confined-folder.ts";
import { FileName } from "./file-name.ts";
import { readRegularFile } from "./read-regular.ts";
import { RefusedFile } from "./refused-file.ts";

const LIMIT = { maxBytes: 1_000 };
const isWindows = process.platform === "win32";

let place: string;
let root: string;
let outside: string;
let folder: ConfinedFolder;

beforeEach(() => {
	place = mkdtempSync(join(tmpdir(), "signet-confined-"));
	root = join(place, "root");
	outside = join(place, "outside");
	mkdirSync(join(root, "inner"), { recursive: true });
	mkdirSync(outside);
	writeFileSync(join(outside, "treasure.md"), "treasure");
	writeFileSync(join(root, "note.md"), "a note");
	folder = ConfinedFolder.at(root);
});

afterEach(() => rmSync(place, { recursive: true, force: true }));

const name = (text: string) => FileName.given(text);
const read = (text: string) => folder.read(name(text), LIMIT).toString();

async function refusalOf(work: () => unknown): Promise<string | undefined> {
	try {
		await work();
		return undefined;
	} catch (error) {
		if (error instanceof RefusedFile) return error.refusal;
		throw error;
	}
}

describe("reading", () => {
	test("gives what a file holds", () => {
		expect(read("note.md")).toBe("a note");
	});

	test("follows no link, neither of a file nor of a folder on the way", async () => {
		symlinkSync(join(outside, "treasure.md"), join(root, "link.md"));
		symlinkSync("note.md", join(root, "own.md"));
		symlinkSync(outside, join(root, "door"));
		expect(await refusalOf(() => read("link.md"))).toBe("symbolic_link");
		expect(await refusalOf(() => read("own.md"))).toBe("symbolic_link");
		expect(await refusalOf(() => read("door/treasure.md"))).toMatch(/not_a_file|symbolic_link/);
	});

	test("takes regular files alone, and no pipe keeps it waiting", async () => {
		expect(await refusalOf(() => read("inner"))).toBe("not_a_file");
		expect(await refusalOf(() => read("note.md/x"))).toBe("not_a_file");
		if (isWindows) return;
		Bun.spawnSync(["mkfifo", join(root, "pipe.md")]);
		expect(await refusalOf(() => read("pipe.md"))).toBe("not_a_file");
	});

	test("takes no more than it may, whatever the file says that it has", async () => {
		writeFileSync(join(root, "full.md"), Buffer.alloc(LIMIT.maxBytes, "x"));
		expect(read("full.md")).toHaveLength(LIMIT.maxBytes);
		writeFileSync(join(root, "long.md"), Buffer.alloc(LIMIT.maxBytes + 1));
		expect(await refusalOf(() => read("long.md"))).toBe("file_too_large");
		writeFileSync(join(root, "sparse.md"), "");
		truncateSync(join(root, "sparse.md"), 2 ** 40);
		expect(await refusalOf(() => read("sparse.md"))).toBe("file_too_large");
		// Says that it has nothing, and has more.
		if (existsSync("/proc/self/status")) {
			expect(await refusalOf(() => readRegularFile("/proc/self/maps", { maxBytes: 100 }))).toBe("file_too_large");
		}
	});

	test("says that there is nothing", async () => {
		expect(await refusalOf(() => read("no.md"))).toBe("file_not_found");
		expect(await refusalOf(() => read("no/no.md"))).toBe("file_not_found");
		expect(folder.readIfThere(name("no.md"), LIMIT)).toBeUndefined();
	});

	test("notices that another folder has taken the place of the one it was confined to", async () => {
		renameSync(root, `${root}-before`);
		mkdirSync(root);
		writeFileSync(join(root, "note.md"), "another");
		expect(await refusalOf(() => read("note.md"))).toBe("unsafe_folder");
	});

	test.if(process.getuid?.() === 0)("takes no file of another user", async () => {
		Bun.spawnSync(["chown", "12345", join(root, "note.md")]);
		expect(await refusalOf(() => read("note.md"))).toBe("foreign_owner");
		expect(await refusalOf(() => folder.replace(name("note.md"), "mine", LIMIT))).toBe("foreign_owner");
		expect(await refusalOf(() => folder.remove(name("note.md")))).toBe("foreign_owner");
	});
});

describe("writing", () => {
	test("replaces a file at once, keeps its permissions, and leaves nothing beside it", async () => {
		chmodSync(join(root, "note.md"), 0o664);
		await folder.replace(name("note.md"), "another", LIMIT);
		expect(read("note.md")).toBe("another");
		expect(statSync(join(root, "note.md")).mode & 0o777).toBe(0o664);
		expect(readdirSync(root).sort()).toEqual(["inner", "note.md"]);
	});

	test("makes files and folders that nobody else can look into", async () => {
		await folder.replace(name("new/deep/x.md"), "x", LIMIT);
		expect(read("new/deep/x.md")).toBe("x");
		if (isWindows) return;
		expect(statSync(join(root, "new", "deep", "x.md")).mode & 0o777).toBe(0o600);
		expect(statSync(join(root, "new")).mode & 0o777).toBe(0o700);
	});

	test("neither writes through a link nor takes its place", async () => {
		symlinkSync(join(outside, "treasure.md"), join(root, "link.md"));
		symlinkSync(join(outside, "new.md"), join(root, "dangling.md"));
		symlinkSync(outside, join(root, "door"));
		for (const each of ["link.md", "dangling.md"]) {
			expect(await refusalOf(() => folder.replace(name(each), "x", LIMIT))).toBe("symbolic_link");
			expect(await refusalOf(() => folder.replace(name(each), "x", { ...LIMIT, target: "must not exist" }))).toBe(
				"file_exists",
			);
			expect(await refusalOf(() => folder.remove(name(each)))).toBe("symbolic_link");
		}
		expect(await refusalOf(() => folder.replace(name("door/new.md"), "x", LIMIT))).toMatch(/not_a_file|symbolic_link/);
		expect(await refusalOf(() => folder.begin(name("link.md")))).toBe("file_exists");
		expect(readdirSync(outside)).toEqual(["treasure.md"]);
		expect(readFileSync(join(outside, "treasure.md"), "utf8")).toBe("treasure");
		expect(lstatSync(join(root, "link.md")).isSymbolicLink()).toBe(true);
	});

	test("does not change the other name of a file that has two", async () => {
		linkSync(join(outside, "treasure.md"), join(root, "hard.md"));
		await folder.replace(name("hard.md"), "x", LIMIT);
		expect(readFileSync(join(outside, "treasure.md"), "utf8")).toBe("treasure");
	});

	test("says what it must find or must not find", async () => {
		const into = (text: string, target: "must exist" | "must not exist") => () =>
			folder.replace(name(text), "x", { ...LIMIT, target });
		expect(await refusalOf(into("no.md", "must exist"))).toBe("file_not_found");
		expect(await refusalOf(into("no/no.md", "must exist"))).toBe("file_not_found");
		expect(await refusalOf(into("note.md", "must not exist"))).toBe("file_exists");
		expect(await refusalOf(into("inner", "must exist"))).toBe("not_a_file");
		expect(await refusalOf(into("new.md", "must not exist"))).toBeUndefined();
		expect(read("new.md")).toBe("x");
		expect(existsSync(join(root, "no"))).toBe(false);
	});

	test("refuses too much before anything is written", async () => {
		expect(await refusalOf(() => folder.replace(name("a/b.md"), Buffer.alloc(1_001), LIMIT))).toBe("file_too_large");
		expect(readdirSync(root).sort()).toEqual(["inner", "note.md"]);
	});

	test("gives a file another name, in the place of another file but of nothing else", async () => {
		writeFileSync(join(root, "new.md"), "new");
		symlinkSync("note.md", join(root, "link.md"));
		await folder.rename(name("new.md"), name("note.md"));
		expect(read("note.md")).toBe("new");
		expect(existsSync(join(root, "new.md"))).toBe(false);
		expect(await refusalOf(() => folder.rename(name("note.md"), name("link.md")))).toBe("symbolic_link");
		expect(await refusalOf(() => folder.rename(name("link.md"), name("note.md")))).toBe("symbolic_link");
		expect(await refusalOf(() => folder.rename(name("note.md"), name("inner")))).toBe("not_a_file");
		expect(await refusalOf(() => folder.rename(name("no.md"), name("note.md")))).toBe("file_not_found");
		expect(read("note.md")).toBe("new");
	});

	test("begins a file, and removes one", async () => {
		closeSync(folder.begin(name("a/b.json")));
		expect(await refusalOf(() => folder.begin(name("a/b.json")))).toBe("file_exists");
		folder.remove(name("a/b.json"));
		expect(await refusalOf(() => folder.remove(name("a/b.json")))).toBe("file_not_found");
		expect(await refusalOf(() => folder.remove(name("inner")))).toBe("not_a_file");
	});
});

describe("a folder", () => {
	test("may be reached by a link", () => {
		symlinkSync(root, join(place, "link"));
		expect(ConfinedFolder.at(join(place, "link")).read(name("note.md"), LIMIT).toString()).toBe("a note");
	});

	test.if(!isWindows)("is refused when others can put files there or exchange it", async () => {
		chmodSync(root, 0o777);
		expect(await refusalOf(() => ConfinedFolder.at(root))).toBe("unsafe_folder");
		chmodSync(root, 0o1777);
		expect(await refusalOf(() => ConfinedFolder.at(root))).toBeUndefined();
		chmodSync(place, 0o777);
		expect(await refusalOf(() => ConfinedFolder.at(root))).toBe("unsafe_folder");
	});

	test("must be there and be one", async () => {
		expect(await refusalOf(() => ConfinedFolder.at(join(place, "no")))).toBe("file_not_found");
		expect(await refusalOf(() => ConfinedFolder.at(join(root, "note.md")))).toBe("not_a_file");
	});
});

/** A process that puts a link to the outside in the place of what is inside, and back, as fast as it can. */
function exchanger(inside: string, target: string) {
	const script = `
		import { renameSync, symlinkSync } from "node:fs";
		const [inside, target] = [${JSON.stringify(inside)}, ${JSON.stringify(target)}];
		symlinkSync(target, inside + ".link");
		process.stdout.write("ready");
		for (;;) {
			renameSync(inside, inside + ".kept");
			renameSync(inside + ".link", inside);
			renameSync(inside, inside + ".link");
			renameSync(inside + ".kept", inside);
		}`;
	return Bun.spawn([process.execPath, "-e", script], { stdout: "pipe", stderr: "ignore" });
}

describe.if(!isWindows)("while another process exchanges", () => {
	const ROUNDS = 4_000;

	async function during(inside: string, target: string, work: () => Promise<void>): Promise<void> {
		const process = exchanger(inside, target);
		try {
			await process.stdout.getReader().read();
			for (let round = 0; round < ROUNDS; round++) await work();
		} finally {
			process.kill("SIGKILL");
			await process.exited;
		}
	}

	async function attempt(work: () => unknown, outcomes: Set<string>): Promise<void> {
		try {
			await work();
			outcomes.add("done");
		} catch (error) {
			if (!(error instanceof RefusedFile)) throw error;
			outcomes.add("refused");
		}
	}

	test("a file for a link, nothing of the outside is read", async () => {
		const outcomes = new Set<string>();
		await during(join(root, "note.md"), join(outside, "treasure.md"), () =>
			attempt(() => expect(read("note.md")).toBe("a note"), outcomes),
		);
		expect(outcomes).toEqual(new Set(["done", "refused"]));
	});

	test("a folder for a link, nothing of the outside is read, written or removed", async () => {
		writeFileSync(join(root, "inner", "treasure.md"), "inside");
		writeFileSync(join(outside, "gone.md"), "kept");
		const outcomes = new Set<string>();
		await during(join(root, "inner"), outside, async () => {
			await attempt(() => expect(read("inner/treasure.md")).not.toBe("treasure"), outcomes);
			const target = "must exist" as const;
			await attempt(() => folder.replace(name("inner/treasure.md"), "inside", { ...LIMIT, target }), outcomes);
			await attempt(() => folder.remove(name("inner/gone.md")), outcomes);
		});
		expect(outcomes).toEqual(new Set(["done", "refused"]));
		expect(readdirSync(outside).sort()).toEqual(["gone.md", "treasure.md"]);
		expect(readFileSync(join(outside, "treasure.md"), "utf8")).toBe("treasure");
	});
});

test("whatever is asked for, nothing outside of the folder is read or changed", async () => {
	symlinkSync("..", join(root, "up"));
	symlinkSync("../outside/treasure.md", join(root, "inner", "link"));
	const part = fc.oneof(
		fc.constantFrom("..", ".", "", "up", "inner", "link", "outside", "treasure.md", "note.md", "new", "a\\b", "/"),
		fc.string({ unit: "binary", maxLength: 3 }),
	);
	await fc.assert(
		fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 6 }), fc.boolean(), async (parts, isFound) => {
			const named = () => (isFound ? FileName.found(...parts) : FileName.given(parts.join("/")));
			await refusalOf(() => expect(folder.read(named(), LIMIT).toString()).not.toBe("treasure"));
			await refusalOf(() => folder.replace(named(), "written", LIMIT));
			expect(readdirSync(place).sort()).toEqual(["outside", "root"]);
			expect(readdirSync(outside)).toEqual(["treasure.md"]);
			expect(readFileSync(join(outside, "treasure.md"), "utf8")).toBe("treasure");
		}),
		{ seed: 7, numRuns: 800 },
	);
});
