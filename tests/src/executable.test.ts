import { Database as SqliteFile } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { temporaryDatabase } from "@signet/db/testing";
import { startFakeOllama } from "./fake-ollama.ts";
import { Home, until } from "./home.ts";
import { program } from "./program.ts";

const TIMEOUT_MS = 30_000;

/** The one file, alone in an empty folder of a machine on which nothing else can be found. */
async function aloneIn<T>(work: (run: (...args: string[]) => Promise<string>, home: Home) => Promise<T>): Promise<T> {
	const folder = mkdtempSync(join(tmpdir(), "signet-alone-"));
	await using home = new Home();
	const executable = join(folder, "signet");
	copyFileSync(program[0] ?? "", executable);
	try {
		const run = async (...args: string[]) => {
			const child = Bun.spawn([executable, ...args], {
				cwd: folder,
				env: { HOME: home.folder, SIGNET_PORT: "0", PATH: "" },
				stdout: "pipe",
				stderr: "pipe",
			});
			const [stdout, stderr, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
			if (code !== 0) throw new Error(`${args.join(" ")} ended with ${code}: ${stderr}`);
			return stdout;
		};
		const result = await work(run, home);
		await run("stop");
		expect(readdirSync(folder)).toEqual(["signet"]);
		return result;
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

describe.if(Boolean(process.env.SIGNET_PROGRAM))("the executable", () => {
	test(
		"does everything alone, with an empty PATH",
		async () => {
			await aloneIn(async (run) => {
				expect(await run("--version")).toMatch(/^\d/);
				expect(await run("start")).toContain("Started at");
				expect(await run("remember", "The quokka smiles at everybody")).toContain("Remembered");
				expect(await run("recall", "who smiles?")).toContain("The quokka smiles at everybody");
				expect(await run("list")).toContain("1 shown of 1 memory");
				expect(await run("doctor")).toContain("✓ vectors");
				expect(await run("logs")).toContain("listening");
				expect(await run("restart")).toContain("Restarted at");
				expect(await run("recall", "quokka")).toContain("The quokka smiles at everybody");
			});
		},
		TIMEOUT_MS,
	);

	test(
		"brings the vector index of the reference with it",
		async () => {
			const ollama = await startFakeOllama({ port: 0 });
			await aloneIn(async (run, home) => {
				home.write({
					".agents/agent.yaml": `embedding:\n  provider: ollama\n  model: hash-64\n  dimensions: 64\n  base_url: http://127.0.0.1:${ollama.port}\n`,
				});
				await run("start");
				await run("remember", "Vectors for everybody");
				using db = new SqliteFile(home.paths.database, { readonly: true });
				const hasTable = () =>
					db.query("SELECT 1 FROM sqlite_master WHERE name = 'vec_embeddings_rowids'").get() !== null;
				await until(() => (hasTable() && db.query("SELECT 1 FROM vec_embeddings_rowids").get() !== null) || undefined);
				expect(db.query("SELECT count(*) AS n FROM vec_embeddings_rowids").get()).toEqual({ n: 1 });
				expect(existsSync(join(home.paths.runtimeFolder, "cache"))).toBe(true);
			});
			await ollama.stop(true);
		},
		TIMEOUT_MS,
	);

	test(
		"starts with the same tables as the sources make",
		async () => {
			await using made = await temporaryDatabase();
			await aloneIn(async (run, home) => {
				const before = Date.now();
				await run("start");
				expect(schemaOf(home.paths.database)).toEqual(schemaOf(made.file));
				using db = new SqliteFile(home.paths.database, { readonly: true });
				const applied = db.query<{ at: string }, []>("SELECT applied_at AS at FROM schema_migrations").all();
				expect(applied).toHaveLength(15);
				for (const { at } of applied) expect(Date.parse(at)).toBeGreaterThanOrEqual(before);
			});
		},
		TIMEOUT_MS,
	);
});

function schemaOf(file: string): unknown[] {
	using db = new SqliteFile(file, { readonly: true });
	return db.query("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name").all();
}
