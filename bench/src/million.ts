/**
 * `npm run bench:million [-- --save] [-- --memories N]`: a home of a million memories, or of N to try it, with the
 * embedded model. Needs the executable (`npm run build`), 4 GB of disk and about half an hour.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod/mini";
import { machineLine } from "./machine.ts";
import { publish } from "./results.ts";
import { executable, RunningDaemon } from "./running-daemon.ts";
import { type Figure, mb, ms, table } from "./speed/figure.ts";
import { importTexts } from "./speed/import.ts";
import { load } from "./speed/load.ts";
import { memoryOf } from "./speed/process-memory.ts";
import { Texts } from "./speed/texts.ts";

const MEMORIES = wantedMemories() ?? 1_000_000;
/** Of so many memories, spread over all, one question each. */
const QUESTIONS = 500;
const POLL_MS = 2_000;

const listSchema = z.object({ stats: z.object({ total: z.number(), withEmbeddings: z.number() }) });

const home = mkdtempSync(join(tmpdir(), "signet-bench-"));
const root = join(home, ".agents");
const configuration = "embedding:\n  provider: embedded\n";
const figures: Figure[] = [];
const questions: string[] = [];
try {
	await fill();
	await measure();
} finally {
	rmSync(home, { recursive: true, force: true });
}
publish(
	MEMORIES === 1_000_000 ? "A million memories" : `${MEMORIES.toLocaleString("en")} memories`,
	`${machineLine()}\n\n${table(figures)}`,
);

function wantedMemories(): number | undefined {
	const at = process.argv.indexOf("--memories");
	const wanted = at < 0 ? Number.NaN : Number.parseInt(process.argv[at + 1] ?? "", 10);
	return wanted > 0 ? wanted : undefined;
}

function report(figure: Figure): void {
	console.error(`${figure.what}: ${figure.figure}  [${figure.target ?? ""}]`);
	figures.push(figure);
}

async function fill(): Promise<void> {
	const texts = new Texts();
	const askedAbout = Math.max(1, Math.floor(MEMORIES / QUESTIONS));
	function* memories(): Iterable<string> {
		for (let at = 0; at < MEMORIES; at++) {
			const memory = texts.memory();
			if (at % askedAbout === 0) questions.push(texts.questionAbout(memory));
			yield memory;
		}
	}
	await using daemon = await RunningDaemon.start([executable], { root, configuration });
	const begunAt = performance.now();
	const rate = await importTexts([executable], daemon, memories());
	report({ what: "import with the embedded model: rows a second", figure: Math.round(rate).toLocaleString("en") });
	for (;;) {
		const { stats } = listSchema.parse(await daemon.get("/api/memories?limit=1"));
		if (stats.withEmbeddings >= stats.total) break;
		await Bun.sleep(POLL_MS);
	}
	const minutes = (performance.now() - begunAt) / 60_000;
	report({ what: "until all of them have their vectors", figure: `${minutes.toFixed(1)} min` });
}

async function measure(): Promise<void> {
	await using daemon = await RunningDaemon.start([executable], { root });
	const ask = (query: string) => daemon.post("/api/memory/recall", { query, limit: 10 });
	const [first = "", ...others] = questions;
	const begunAt = performance.now();
	await ask(first);
	report({
		what: "exec to first answer; the first recall after that, which loads the index",
		figure: `${daemon.startMs.toFixed(0)}; ${ms(performance.now() - begunAt)}`,
		target: "index ≤ 1,000 ms",
	});
	report({ what: "load of the machine before", figure: (loadavg()[0] ?? 0).toFixed(2) });
	const { p50, p90, p99 } = await load(others, 1, ask);
	report({
		what: "recall, 1 client: p50 / p90 / p99",
		figure: `${p50.toFixed(2)} / ${p90.toFixed(2)} / ${ms(p99)}`,
		target: "p50 ≤ 60 ms",
	});
	const memory = memoryOf(daemon.process.pid);
	report({
		what: "resident / private memory after that",
		figure: memory ? `${mb(memory.residentMb)} / ${mb(memory.privateMb)}` : "not known on this system",
		target: "≤ 450 MB resident",
	});
}
