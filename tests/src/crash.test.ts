import { Database as SqliteFile } from "bun:sqlite";
import { expect, test } from "bun:test";
import { Home } from "./home.ts";

/** Rounds of the long mode: `CRASH_ROUNDS=200 bun test tests/src/crash.test.ts`. */
const ROUNDS = Number(process.env.CRASH_ROUNDS ?? 20);
const CLIENTS = 4;
const TIMEOUT_MS = 20_000 + ROUNDS * 2_000;

test(
	`kill -9 in the midst of writing, ${ROUNDS} times: every acknowledged memory is there`,
	async () => {
		await using home = new Home();
		const acknowledged = new Map<string, string>();
		for (let round = 0; round < ROUNDS; round++) {
			const { process: daemon, url } = await home.serve();
			const clients = Array.from({ length: CLIENTS }, (_, client) =>
				writeUntilRefused(url, `${round}/${client}`, acknowledged),
			);
			// Somewhere between the first answer and some hundreds of them.
			await Bun.sleep(5 + ((round * 37) % 120));
			daemon.kill("SIGKILL");
			await daemon.exited;
			await Promise.all(clients);
		}
		expect(acknowledged.size).toBeGreaterThan(ROUNDS);

		const { process: daemon, url } = await home.serve();
		for (const [id, content] of acknowledged) {
			const answer = await fetch(`${url}/api/memory/${id}`);
			expect([content, answer.status]).toEqual([content, 200]);
		}
		const [sample = ""] = [...acknowledged.values()].slice(-1);
		const found = await home.get(`/api/memory/search?q=${encodeURIComponent(sample)}&limit=1`);
		expect(found.body.results[0].content).toBe(sample);
		daemon.kill();
		await daemon.exited;
		expectSound(home.paths.database);
	},
	TIMEOUT_MS,
);

async function writeUntilRefused(url: string, name: string, acknowledged: Map<string, string>): Promise<void> {
	for (let n = 0; ; n++) {
		const content = `Observation ${name}/${n} of the crash test`;
		try {
			const response = await fetch(`${url}/api/memory/remember`, { method: "POST", body: JSON.stringify({ content }) });
			const { id } = (await response.json()) as { id: string };
			if (response.status === 200) acknowledged.set(id, content);
		} catch {
			return;
		}
	}
}

/** No partial state: sound pages, every memory with its history, its words and its place among the documents. */
function expectSound(file: string): void {
	const db = new SqliteFile(file, { readonly: true });
	const count = (select: string) => db.query<{ n: number }, []>(`SELECT count(*) AS n FROM ${select}`).get()?.n;
	expect(db.query("PRAGMA integrity_check").all()).toEqual([{ integrity_check: "ok" }]);
	const memories = count("memories");
	expect(count("memory_history WHERE event = 'created'")).toBe(memories as number);
	expect(count("sgn_documents")).toBe(memories as number);
	expect(count("sgn_lexicon")).toBe(memories as number);
	expect(count("memories_fts_docsize")).toBe(memories as number);
	expect(count("sgn_changes")).toBe(0);
	expect(count("memories m WHERE NOT EXISTS (SELECT 1 FROM sgn_documents d WHERE d.memory_id = m.id)")).toBe(0);
	db.close();
}
