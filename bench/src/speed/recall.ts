import { Database } from "bun:sqlite";
import { join } from "node:path";
import { CodeScanner, parseQuestion } from "@signet/search/testing";
import type { RunningDaemon } from "../running-daemon.ts";
import { type Figure, ms, perSecond } from "./figure.ts";
import { type LoadFigures, load, timeEach } from "./load.ts";

const LIMIT = 10;
const WARM_UP = 200;
const CODE_BYTES = 128;
const CANDIDATES = 800;

export interface RecallFigures {
	readonly oneClient: LoadFigures;
	readonly tenClients: LoadFigures;
}

/** Recall with one client and with ten, each question asked once: no answer comes from a cache. */
export async function measureRecall(daemon: RunningDaemon, questions: readonly string[]): Promise<RecallFigures> {
	const ask = (query: string) => daemon.post("/api/memory/recall", { query, limit: LIMIT });
	const share = Math.floor((questions.length - WARM_UP) / 4);
	await load(questions.slice(0, WARM_UP), 4, ask);
	const oneClient = await load(questions.slice(WARM_UP, WARM_UP + share), 1, ask);
	const tenClients = await load(questions.slice(WARM_UP + share), 10, ask);
	return { oneClient, tenClients };
}

/** The least that recall could take: finding rows by words and reading them, and comparing codes. */
export function recallFloors(root: string, memories: number, questions: readonly string[]): string {
	using db = new Database(join(root, "memory", "memories.db"), { readonly: true });
	const match = db.query<{ rowid: number }, [string]>(
		`SELECT rowid FROM sgn_lexicon WHERE sgn_lexicon MATCH ? ORDER BY bm25(sgn_lexicon) LIMIT ${LIMIT}`,
	);
	const read = db.query<unknown, [number]>(
		"SELECT m.* FROM sgn_documents d JOIN memories m ON m.id = d.memory_id WHERE d.doc = ?",
	);
	const bySql = timeEach(questions.slice(0, 300), (question) => {
		const words = parseQuestion(question).words.map(({ word }) => `"${word}"`);
		for (const { rowid } of match.all(words.join(" OR "))) read.get(rowid);
	});
	const scanner = new CodeScanner(CODE_BYTES);
	const code = () => crypto.getRandomValues(new Uint8Array(CODE_BYTES));
	for (let at = 0; at < memories; at++) scanner.push(code());
	const byKernel = timeEach(Array.from({ length: 200 }, code), (query) => scanner.nearest(query, CANDIDATES));
	return `${ms(bySql.p50)} bare SQL, ${ms(byKernel.p50)} bare kernel`;
}

/** Both loads as lines of the table. */
export function recallRows(
	memories: number,
	{ oneClient, tenClients }: RecallFigures,
	{ floor, bare, targets }: { floor: string; bare: RecallFigures; targets?: { one?: string; ten?: string } },
): Figure[] {
	const name = memories.toLocaleString("en");
	return [
		{
			what: `recall, ${name} memories, 1 client: p50 / p90 / p99; throughput`,
			figure: timesAndRate(oneClient),
			...(targets?.one && { target: targets.one }),
			floor: `${floor}; bare server ${timesAndRate(bare.oneClient)}`,
		},
		{
			what: `recall, ${name} memories, 10 clients: p50 / p90 / p99; throughput`,
			figure: timesAndRate(tenClients),
			...(targets?.ten && { target: targets.ten }),
			floor: `bare server ${timesAndRate(bare.tenClients)}`,
		},
	];
}

function timesAndRate({ p50, p90, p99, perSecond: rate }: LoadFigures): string {
	return `${p50.toFixed(2)} / ${p90.toFixed(2)} / ${ms(p99)}; ${perSecond(rate)}`;
}
