import { Database as SqliteFile } from "bun:sqlite";
import { expect, test } from "bun:test";
import { readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { Home } from "./home.ts";

/** Rounds of the long mode: `CRASH_ROUNDS=200 bun test tests/src/crash.test.ts`. */
const ROUNDS = Number(process.env.CRASH_ROUNDS ?? 20);
const ERASURES = Math.ceil(ROUNDS / 3);
const CLIENTS = 4;
const TIMEOUT_MS = 20_000 + ROUNDS * 2_000;

test(
	`kill -9 in the midst of writing, ${ROUNDS} times: every acknowledged change is there, and nothing in part`,
	async () => {
		await using home = new Home();
		const acknowledged = new Map<string, Acknowledged>();
		for (let round = 0; round < ROUNDS; round++) {
			const { process: daemon, url } = await home.serve();
			const clients = Array.from({ length: CLIENTS }, (_, client) =>
				writeUntilRefused(url, `${round}/${client}`, acknowledged),
			);
			// Somewhere between the first answer and some hundreds of them.
			const before = acknowledged.size;
			await until(() => acknowledged.size > before);
			await Bun.sleep((round * 37) % 120);
			daemon.kill("SIGKILL");
			await daemon.exited;
			await Promise.all(clients);
		}
		expect(acknowledged.size).toBeGreaterThan(ROUNDS);

		const { process: daemon } = await home.serve();
		for (const [id, { content, version, isForgotten }] of acknowledged) {
			const { status, body } = await home.get(`/api/memory/${id}?include_deleted=true`);
			// What was not acknowledged may have happened all the same: then the version is one more.
			expect([content, status, body.version >= version && body.version <= version + 1]).toEqual([content, 200, true]);
			if (body.version === version)
				expect([id, body.content, body.is_deleted === 1]).toEqual([id, content, isForgotten]);
		}
		const sample = [...acknowledged.values()].findLast(({ isForgotten }) => !isForgotten)?.content ?? "";
		const found = await home.get(`/api/memory/search?q=${encodeURIComponent(sample)}&limit=1`);
		// An edit that was under way may have been stored before anybody heard of it.
		expect(found.body.results[0].content).toStartWith(sample);
		daemon.kill();
		await daemon.exited;
		expectSound(home.paths.database);
	},
	TIMEOUT_MS,
);

test(
	`kill -9 in the midst of erasing, ${ERASURES} times: what is gone at the next start leaves nothing behind`,
	async () => {
		await using home = new Home();
		const copy = `${home.paths.database}.bak-v15-1`;
		for (let round = 0; round < ERASURES; round++) {
			const { process: daemon, url } = await home.serve();
			const token = `xylophonquartz${round}`;
			const { id } = await home.json("remember", `The vault opens with ${token}`);
			rmSync(copy, { force: true });
			using database = new SqliteFile(home.paths.database, { readonly: true });
			database.run(`VACUUM INTO '${copy}'`);
			const body = JSON.stringify({ reason: "crash test" });
			const erasing = fetch(`${url}/api/memory/${id}/erase`, { method: "POST", body }).catch(() => undefined);
			// Before, between and after its steps.
			await Bun.sleep((round * 7) % 45);
			daemon.kill("SIGKILL");
			await Promise.all([daemon.exited, erasing]);

			const { process: next } = await home.serve();
			// It is erased now, or the next start goes on by itself and is done before.
			await home.json("forget", id, "--erase", "--yes").catch(() => undefined);
			expect((await home.get(`/api/memory/${id}`)).status).toBe(404);
			await until(() => filesWith(home.paths.root, token).length === 0);
			next.kill();
			await next.exited;
			expect(filesWith(home.paths.root, token)).toEqual([]);
			using left = new SqliteFile(copy, { readonly: true });
			expect(left.query("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
		}
	},
	TIMEOUT_MS,
);

async function until(isSo: () => boolean): Promise<void> {
	const deadline = performance.now() + 20_000;
	while (!isSo()) {
		if (performance.now() > deadline) throw new Error("it did not come to be");
		await Bun.sleep(2);
	}
}

function filesWith(folder: string, text: string): string[] {
	return readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => {
		const path = join(folder, name);
		const isFile = statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
		return isFile && readFileSync(path, "latin1").includes(text);
	});
}

/** A memory as the last answer about it said. */
interface Acknowledged {
	readonly content: string;
	readonly version: number;
	readonly isForgotten: boolean;
}

/** Remember, edit, forget and recover, each in its turn, until nobody answers. */
async function writeUntilRefused(url: string, name: string, acknowledged: Map<string, Acknowledged>): Promise<void> {
	const send = async (method: string, path: string, body: object) => {
		const response = await fetch(`${url}/api/memory/${path}`, { method, body: JSON.stringify(body) });
		const answer = (await response.json()) as { id: string; newVersion?: number };
		if (response.status !== 200) throw new Error(`${method} ${path} was answered ${response.status}`);
		return answer;
	};
	const reason = "crash test";
	try {
		for (let n = 0; ; n++) {
			let content = `Observation ${name}/${n} of the crash test`;
			const { id } = await send("POST", "remember", { content });
			let version = 1;
			const note = (isForgotten: boolean) => acknowledged.set(id, { content, version, isForgotten });
			note(false);
			if (n % 2 === 1) continue;
			const edited = `${content}, edited`;
			version = (await send("PATCH", id, { reason, content: edited })).newVersion ?? 0;
			content = edited;
			note(false);
			if (n % 4 === 2) continue;
			version = (await send("DELETE", id, { reason })).newVersion ?? 0;
			note(true);
			if (n % 8 === 4) continue;
			version = (await send("POST", `${id}/recover`, { reason })).newVersion ?? 0;
			note(false);
		}
	} catch (error) {
		// Nobody answers any more. A refusal is another matter.
		if (error instanceof Error && error.message.includes("was answered 4")) throw error;
	}
}

/** No partial state: sound pages, every memory with its history, its words and its place among the documents. */
function expectSound(file: string): void {
	const db = new SqliteFile(file, { readonly: true });
	const count = (select: string) => db.query<{ n: number }, []>(`SELECT count(*) AS n FROM ${select}`).get()?.n;
	expect(db.query("PRAGMA integrity_check").all()).toEqual([{ integrity_check: "ok" }]);
	expect(count("memory_history WHERE event = 'created'")).toBe(count("memories") as number);
	// Each change is told.
	expect(count("memory_history")).toBe(
		db.query<{ n: number }, []>("SELECT sum(version) AS n FROM memories").get()?.n as number,
	);
	expect(count("memories_fts_docsize")).toBe(count("memories") as number);
	const memories = count("memories WHERE is_deleted = 0");
	expect(count("sgn_documents")).toBe(memories as number);
	expect(count("sgn_lexicon")).toBe(memories as number);
	expect(count("sgn_changes")).toBe(0);
	expect(
		count("memories m WHERE NOT EXISTS (SELECT 1 FROM sgn_documents d WHERE d.memory_id = m.id) AND m.is_deleted = 0"),
	).toBe(0);
	db.close();
}
