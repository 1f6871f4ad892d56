import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Home } from "./home.ts";

const TIMEOUT_MS = 30_000;

/** A home with a daemon and some memories; gives their ids in order. */
async function homeWith(...contents: string[]): Promise<{ home: Home; ids: string[] } & AsyncDisposable> {
	const home = new Home();
	await home.serve();
	const ids: string[] = [];
	for (const content of contents) ids.push((await home.json("remember", content)).id);
	return { home, ids, [Symbol.asyncDispose]: () => home[Symbol.asyncDispose]() };
}

/** Run in a terminal, which util-linux gives, and type something into it. */
async function inTerminal(
	home: Home,
	args: readonly string[],
	typed: string,
	env: Record<string, string> = {},
): Promise<string> {
	const { program } = await import("./program.ts");
	const command = [...program, ...args].map((part) => `'${part.replaceAll("'", "'\\\\''")}'`).join(" ");
	const child = Bun.spawn(["/usr/bin/script", "-qec", command, "/dev/null"], {
		env: { ...home.env, PATH: "/usr/bin:/bin", TERM: "dumb", NO_COLOR: "1", ...env },
		cwd: home.folder,
		stdin: new Blob([typed]),
		stdout: "pipe",
		stderr: "pipe",
	});
	const [stdout] = await Promise.all([child.stdout.text(), child.exited]);
	return stdout;
}
const hasTerminals = (await Bun.file("/usr/bin/script").exists()) && process.platform === "linux";

test(
	"edit changes what is named, and is told when nothing is",
	async () => {
		await using given = await homeWith("The build runs at noon");
		const { home, ids } = given;
		const [id = ""] = ids;
		const short = id.slice(0, 8);
		const edited = await home.json(
			"edit",
			short,
			"--content",
			"The build runs at four",
			"--tags",
			"ci, build",
			"-i",
			"0.9",
		);
		expect(edited.results).toMatchObject([{ id, status: "updated", newVersion: 2 }]);
		expect(await home.json("show", short)).toMatchObject({
			content: "The build runs at four",
			tags: "ci,build",
			importance: 0.9,
		});
		expect((await home.run(["edit", short, "--type", "fact"])).stdout).toContain("was so already");
		expect(await home.run(["edit", short])).toMatchObject({
			code: 2,
			stderr: expect.stringContaining("nothing to change"),
		});
		expect((await home.run(["edit", "zzz", "--type", "rule"])).code).toBe(5);
	},
	TIMEOUT_MS,
);

test.if(hasTerminals)(
	"edit opens the text in the editor; what is left as it was changes nothing",
	async () => {
		await using given = await homeWith("The build runs at noon");
		const { home, ids } = given;
		const [id = ""] = ids;
		const editor = join(home.folder, "editor");
		writeFileSync(editor, '#!/bin/sh\nsed -i "s/noon/midnight/" "$1"\n');
		chmodSync(editor, 0o700);
		expect(await inTerminal(home, ["edit", id], "", { EDITOR: editor })).toContain("changed");
		expect((await home.json("show", id)).content).toBe("The build runs at midnight");
		expect(await inTerminal(home, ["edit", id], "", { EDITOR: editor })).toContain("Nothing was changed");
		expect(await inTerminal(home, ["edit", id], "", { EDITOR: "/nowhere/editor" })).toContain("cannot be started");
		expect((await home.json("show", id)).version).toBe(2);
	},
	TIMEOUT_MS,
);

test(
	"forget, recover, and what happened meanwhile",
	async () => {
		await using given = await homeWith("A red ferry", "A blue ferry", "A green ferry");
		const { home, ids } = given;
		const [red = "", blue = "", green = ""] = ids;
		expect(await home.run(["forget", red])).toMatchObject({ code: 2, stderr: expect.stringContaining("--yes") });
		expect((await home.json("show", red)).content).toBe("A red ferry");
		const forgotten = await home.json("forget", red.slice(0, 8), blue, "--yes", "--reason", "sold");
		expect(forgotten.results).toMatchObject([
			{ id: red, status: "deleted", success: true },
			{ id: blue, status: "deleted", success: true },
		]);
		expect((await home.run(["show", red])).code).toBe(5);
		expect((await home.json("list")).memories.map(({ id }: { id: string }) => id)).toEqual([green]);
		expect((await home.json("recover", red.slice(0, 8))).results).toMatchObject([{ id: red, status: "recovered" }]);
		expect((await home.run(["recover", red])).stdout).toContain("not deleted");
		const { history } = await home.json("history", red);
		expect(history.map(({ event, reason }: { event: string; reason: string | null }) => [event, reason])).toEqual([
			["recovered", "recovered on the command line"],
			["deleted", "sold"],
			["created", null],
		]);
		const { stdout } = await home.run(["history", red]);
		expect(stdout.indexOf("created")).toBeLessThan(stdout.indexOf("recovered"));
	},
	TIMEOUT_MS,
);

test(
	"forget by what is chosen shows it first, and leaves pinned ones alone",
	async () => {
		await using given = await homeWith("Ticket one is open", "Ticket two is open", "The harbour is calm");
		const { home, ids } = given;
		const [one = "", two = "", harbour = ""] = ids;
		expect((await home.json("pin", two)).results).toMatchObject([{ id: two, status: "updated" }]);
		expect((await home.run(["forget", "--query", "ticket"])).code).toBe(2);
		const { code, stdout } = await home.run(["forget", "--query", "ticket", "--yes", "--json"]);
		expect(code).toBe(6);
		const { results } = JSON.parse(stdout);
		expect(results.map(({ id, status }: { id: string; status: string }) => [id, status]).sort()).toEqual(
			[
				[one, "deleted"],
				[two, "pinned_requires_force"],
			].sort(),
		);
		await home.json("unpin", two);
		expect((await home.run(["forget", "--query", "ticket", "--yes"])).code).toBe(0);
		expect((await home.json("list")).memories.map(({ id }: { id: string }) => id)).toEqual([harbour]);
		expect((await home.run(["forget", "--query", "ticket", "--yes"])).stdout).toContain("Nothing is chosen");
		expect(await home.run(["forget", "--yes"])).toMatchObject({ code: 2, stderr: expect.stringContaining("--query") });
		expect((await home.run(["forget", harbour, "--query", "x", "--yes"])).code).toBe(2);
		expect((await home.json("list", "--forgotten")).memories).toHaveLength(2);
	},
	TIMEOUT_MS,
);

test.if(hasTerminals)(
	"forget asks in a terminal, and takes only yes for it",
	async () => {
		await using given = await homeWith("A red ferry");
		const { home, ids } = given;
		const [id = ""] = ids;
		const refused = await inTerminal(home, ["forget", id], "n\n");
		expect(refused).toContain("A red ferry");
		expect(refused).toContain("Nothing was done");
		expect((await home.json("show", id)).content).toBe("A red ferry");
		expect(await inTerminal(home, ["forget", id], "y\n")).toContain("forgotten");
		expect((await home.run(["show", id])).code).toBe(5);
	},
	TIMEOUT_MS,
);

test(
	"erase proves that nothing is left, and says where something is",
	async () => {
		await using given = await homeWith("The code is xylophonquartz", "The other code is velvetmarmot");
		const { home, ids } = given;
		const [first = "", second = ""] = ids;
		// As an upgrade leaves one.
		const copy = `${home.paths.database}.bak-v15-1`;
		using database = new Database(home.paths.database, { readonly: true });
		database.run(`VACUUM INTO '${copy}'`);
		database.close();
		const { results } = await home.json("forget", first, "--prove", "--yes");
		expect(results).toMatchObject([
			{ id: first, status: "erased", backups: [copy], proof: { texts: 1, words: 1, search: { found: [] } } },
		]);
		expect((await home.run(["history", first])).stdout).toContain("erased");
		// Whoever reads a locked file and closes it gives the lock up.
		expect((await home.run(["daemon"])).stderr).toContain("is serving the workspace");
		await home.json("remember", "Written after the proof");
		expect((await home.run(["daemon"])).stderr).toContain("is serving the workspace");
		home.write({ ".agents/notes.txt": "velvetmarmot, not to be forgotten" });
		const { code, stdout } = await home.run(["forget", second, "--prove", "--yes"]);
		expect(code).toBe(1);
		expect(stdout).toContain("found in notes.txt at byte 0");
		expect((await home.run(["forget", "--erase", "--query", "code", "--yes"])).code).toBe(2);
		expect((await home.run(["remember", "The code is xylophonquartz"])).code).toBe(6);
		expect((await home.json("remember", "The code is xylophonquartz", "--revive")).id).not.toBe(first);
	},
	TIMEOUT_MS,
);

test(
	"what could not be erased at once is tried again when it is asked for again, and told as JSON too",
	async () => {
		await using given = await homeWith("The code is xylophonquartz");
		const { home, ids } = given;
		const [id = ""] = ids;
		using other = new Database(home.paths.database, { readonly: true });
		other.run("BEGIN");
		other.query("SELECT count(*) FROM memories").get();
		const pending = expect.stringContaining("reading");
		expect((await home.json("forget", id, "--erase", "--yes")).results).toMatchObject([{ id, pending }]);
		expect((await home.json("forget", id, "--erase", "--yes")).results).toMatchObject([{ id, pending }]);
		other.run("COMMIT");
		other.close();
		const { code, stdout } = await home.run(["forget", id, "--erase", "--yes"]);
		expect(code).toBe(0);
		expect(stdout).toContain("erased");
		expect(stdout).not.toContain("something may be left");
		expect((await home.run(["forget", id, "--erase", "--yes"])).code).toBe(5);
	},
	TIMEOUT_MS,
);

test(
	"the history of what was never there says so as all commands do",
	async () => {
		await using given = await homeWith("A red ferry");
		const { code, stderr } = await given.home.run(["history", "deadbeef"]);
		expect(code).toBe(5);
		expect(stderr).toContain("There is no memory deadbeef");
	},
	TIMEOUT_MS,
);

test(
	"tags are added, taken away and set; a memory becomes again what it was",
	async () => {
		await using given = await homeWith("A red ferry");
		const { home, ids } = given;
		const [id = ""] = ids;
		const tags = async () => (await home.json("show", id)).tags;
		await home.json("tag", id, "work", "boats,red");
		expect(await tags()).toBe("work,boats,red");
		await home.json("tag", id, "blue", "--remove", "red,work");
		expect(await tags()).toBe("boats,blue");
		await home.json("tag", id, "--set", "one");
		expect(await tags()).toBe("one");
		expect((await home.run(["tag", id])).code).toBe(2);
		const { results } = await home.json("restore", id, "2");
		expect(results).toMatchObject([{ id, newVersion: 5 }]);
		expect(await tags()).toBe("work,boats,red");
		expect(await home.run(["restore", id, "two"])).toMatchObject({
			code: 2,
			stderr: expect.stringContaining("version"),
		});
	},
	TIMEOUT_MS,
);

test(
	"stats counts what there is",
	async () => {
		await using given = await homeWith("A red ferry", "I prefer tea", "I prefer boats");
		const { home, ids } = given;
		await home.json("forget", ids[0] ?? "", "--yes");
		expect(await home.json("stats")).toMatchObject({ total: 2, deleted: 1, pinned: 0, byType: { preference: 2 } });
		const { stdout } = await home.run(["stats"]);
		expect(stdout).toMatch(/memories +2\n/);
		expect(stdout).toMatch(/preference +2\n/);
		expect(stdout).toMatch(/database +\d+/);
	},
	TIMEOUT_MS,
);

test(
	"bench measures recall on what is there, and counts no use of it",
	async () => {
		await using given = await homeWith("A red ferry leaves at noon", "The lighthouse keeper sleeps");
		const { home, ids } = given;
		const figures = await home.json("bench", "-n", "10", "-c", "2");
		expect(figures).toMatchObject({ memories: 2, questions: 10, clients: 2 });
		for (const times of [figures.recall.one, figures.recall.several, figures.floor]) {
			expect(times.p50).toBeGreaterThan(0);
			expect(times.longest).toBeGreaterThanOrEqual(times.p50);
		}
		await home.json("recall", "ferry");
		// What was really asked for is counted, a moment later.
		const deadline = performance.now() + 10_000;
		while ((await home.json("show", ids[0] ?? "")).access_count === 0) {
			if (performance.now() > deadline) throw new Error("no access was counted");
		}
		expect((await home.json("show", ids[0] ?? "")).access_count).toBe(1);
		expect((await home.run(["bench"])).stdout).toContain("a request that does nothing");
	},
	TIMEOUT_MS,
);
