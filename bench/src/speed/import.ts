import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { RunningDaemon } from "../running-daemon.ts";
import { type Figure, mb, ms, perSecond } from "./figure.ts";
import { type LoadFigures, summarise } from "./load.ts";
import { memoryOf } from "./process-memory.ts";

const EVERY_MS = 50;
const WARM_UP = 100;
const IDLE_QUESTIONS = 1_000;
const SETTLING_MS = 2_000;

/** Import a file of texts on the command line, with nobody else there: how fast, and how much memory it takes. */
export async function measureImport(
	program: readonly string[],
	daemon: RunningDaemon,
	texts: readonly string[],
): Promise<Figure[]> {
	let isRunning = true;
	let highestMb = 0;
	const watching = (async () => {
		for (; isRunning; await Bun.sleep(EVERY_MS)) {
			highestMb = Math.max(highestMb, memoryOf(daemon.process.pid)?.residentMb ?? 0);
		}
	})();
	const rate = await importTexts(program, daemon, texts);
	isRunning = false;
	await watching;
	const rows = texts.length.toLocaleString("en");
	return [
		{ what: `import ${rows} rows without embedding: throughput`, figure: perSecond(rate), target: "≥ 3,000/s" },
		{ what: "highest resident memory meanwhile", figure: mb(highestMb), target: "≤ 150 MB" },
	];
}

/** Recall of one client while another imports, beside recall in peace when all of it is there. */
export async function measureRecallDuringImport(
	program: readonly string[],
	daemon: RunningDaemon,
	{ texts, questions }: { texts: readonly string[]; questions: readonly string[] },
): Promise<Figure> {
	const ask = (query: string) => daemon.post("/api/memory/recall", { query, limit: 10 });
	await timed(questions.slice(0, WARM_UP), ask, () => true);
	let isRunning = true;
	const asking = timed(repeated(questions), ask, () => isRunning);
	await importTexts(program, daemon, texts);
	isRunning = false;
	const busy = await asking;
	await Bun.sleep(SETTLING_MS);
	const idle = await timed(questions.slice(WARM_UP, WARM_UP + IDLE_QUESTIONS), ask, () => true);
	return {
		what: `recall while ${texts.length.toLocaleString("en")} rows are imported, 1 client: p50 / p99`,
		figure: `${busy.p50.toFixed(2)} / ${ms(busy.p99)}`,
		target: `p99 ≤ 3 × ${ms(idle.p99)}`,
		floor: `when they are there ${idle.p50.toFixed(2)} / ${ms(idle.p99)}`,
	};
}

/** Import texts on the command line. Gives rows a second. */
export async function importTexts(
	program: readonly string[],
	daemon: RunningDaemon,
	texts: Iterable<string>,
): Promise<number> {
	const folder = mkdtempSync(join(tmpdir(), "signet-bench-"));
	const file = join(folder, "memories.jsonl");
	const writer = Bun.file(file).writer();
	let rows = 0;
	for (const content of texts) {
		writer.write(`${JSON.stringify({ content })}\n`);
		rows++;
	}
	await writer.end();
	const begunAt = performance.now();
	const child = Bun.spawn([...program, "import", file, "--json"], {
		env: { HOME: dirname(daemon.root), SIGNET_PATH: daemon.root, PATH: "" },
		stdout: "pipe",
		stderr: "inherit",
	});
	const [output, code] = await Promise.all([child.stdout.text(), child.exited]);
	const seconds = (performance.now() - begunAt) / 1_000;
	rmSync(folder, { recursive: true, force: true });
	if (code !== 0) throw new Error(`the import ended with ${code}: ${output}`);
	return rows / seconds;
}

function* repeated(questions: readonly string[]): Iterable<string> {
	for (;;) yield* questions;
}

async function timed(
	questions: Iterable<string>,
	ask: (question: string) => Promise<unknown>,
	goesOn: () => boolean,
): Promise<LoadFigures> {
	const times: number[] = [];
	const begunAt = performance.now();
	for (const question of questions) {
		if (!goesOn()) break;
		const askedAt = performance.now();
		await ask(question);
		times.push(performance.now() - askedAt);
	}
	return summarise(times, performance.now() - begunAt);
}
