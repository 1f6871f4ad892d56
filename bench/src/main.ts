/**
 * `npm run bench [-- --save]`: how long things take and how much memory, beside the least that they could. Needs the
 * executable (`npm run build`) and takes about ten minutes.
 */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { machineLine } from "./machine.ts";
import { publish } from "./results.ts";
import { executable, RunningDaemon } from "./running-daemon.ts";
import { measureBrowsing } from "./speed/browse.ts";
import { type Figure, ms, table } from "./speed/figure.ts";
import { BareExecutable, HelperProcess } from "./speed/helper-process.ts";
import { measureImport, measureRecallDuringImport } from "./speed/import.ts";
import { load } from "./speed/load.ts";
import { measureRecall, type RecallFigures, recallFloors, recallRows } from "./speed/recall.ts";
import { measureRedaction } from "./speed/redaction.ts";
import { rememberAll, rememberRow } from "./speed/remember.ts";
import { measureRestart } from "./speed/restart.ts";
import { measureSlowClients } from "./speed/slow-clients.ts";
import { measureStall } from "./speed/stall.ts";
import { measureAfterWork, measureFirstRecall, measureIdle, measureStart } from "./speed/start-and-idle.ts";
import { Texts } from "./speed/texts.ts";
import { measureVectorRecall } from "./speed/vector-recall.ts";

const SIZES = [1_000, 10_000, 100_000] as const;
const QUESTIONS = 4_200;
/** Requests of each kind in the mixed load. */
const MIXED = 4_000;
/** Of an answer with ten memories. */
const ANSWER_BYTES = 4_500;

if (!existsSync(executable)) {
	console.error("There is no executable to measure. Make it first: npm run build");
	process.exit(1);
}
const program = [executable];
using bareExecutable = await BareExecutable.build();
const bareServer = bareExecutable.file;
const figures: Figure[] = [];

function report(...rows: readonly Figure[]): void {
	for (const row of rows) console.error(`${row.what}: ${row.figure}  [${row.target ?? ""}]  (${row.floor ?? ""})`);
	figures.push(...rows);
}

report(await measureStart(program, bareServer, { what: "exec to first `/health`, new workspace", targetMs: 80 }));
report(await measureRestart(program, 20_100));
report(await measureIdle(program, bareServer, { what: "idle 30 s, first run on a new workspace" }));

const texts = new Texts();
const memories = Array.from({ length: SIZES[2] + MIXED }, () => texts.memory());

await measureRemember("without embedding", "none");
await measureRemember("embedded model", "embedded");
await measureImports();
await measureAtEverySize();
report(...(await measureRedaction()));
report(...measureVectorRecall(memories, questionsAmong(SIZES[2], 200)));
publish("Speed and memory", `${machineLine()}\n\n${table(figures)}`);

async function measureRemember(what: string, provider: string): Promise<void> {
	await using daemon = await RunningDaemon.start(program, { configuration: configurationFor(provider) });
	report(rememberRow(what, await rememberAll(daemon, memories.slice(0, 10_000))));
}

async function measureImports(): Promise<void> {
	const all = memories.slice(0, SIZES[2]);
	const configuration = configurationFor("none");
	{
		await using daemon = await RunningDaemon.start(program, { configuration });
		report(...(await measureImport(program, daemon, all)));
	}
	await using daemon = await RunningDaemon.start(program, { configuration });
	await rememberAll(daemon, memories.slice(SIZES[2], SIZES[2] + MIXED));
	const questions = Array.from({ length: QUESTIONS }, (_, at) =>
		texts.questionAbout(memories[SIZES[2] + (at % MIXED)] ?? ""),
	);
	report(await measureRecallDuringImport(program, daemon, { texts: all, questions }));
}

/** Fill one workspace to each size in turn, as clients would, and measure what depends on the size. */
async function measureAtEverySize(): Promise<void> {
	await using models = await HelperProcess.start([
		process.execPath,
		join(import.meta.dir, "speed", "embedding-server.ts"),
	]);
	const configuration = configurationFor("ollama", models.url);
	const home = mkdtempSync(join(tmpdir(), "signet-bench-"));
	const root = join(home, ".agents");
	try {
		const bare = await measureBareServer();
		let stored = 0;
		let p50Before = Number.NaN;
		for (const size of SIZES) {
			const questions = questionsAmong(size, QUESTIONS);
			await using daemon = await RunningDaemon.start(program, { root, configuration });
			const remembered = await rememberAll(daemon, memories.slice(stored, size));
			if (size === 10_000) report(rememberRow("768 numbers from a server on loopback", remembered, "≥ 1,200/s"));
			const recall = await measureRecall(daemon, questions);
			const targets = {
				...(size === 10_000 && { ten: "p99 ≤ 10 ms; ≥ 1,200/s" }),
				...(size === 100_000 && { one: `p50 ≤ 3 × ${ms(p50Before)}`, ten: "p99 ≤ 30 ms" }),
			};
			report(...recallRows(size, recall, { floor: recallFloors(root, size, questions), bare, targets }));
			report(await measureAfterWork(daemon, `30 s after that, ${size.toLocaleString("en")} memories`));
			if (size === 10_000) {
				const more = memories.slice(SIZES[2], SIZES[2] + MIXED);
				const otherModel = configuration.replace("model: bench", "model: other");
				const mixed = { questions: questionsAmong(size, MIXED), texts: more, otherModel, bareServer };
				report(await measureStall(daemon, mixed));
				report(await measureSlowClients(daemon, questionsAmong(size, MIXED)));
				await daemon.stop();
				const place = `${size.toLocaleString("en")} memories`;
				report(
					await measureStart(program, bareServer, { what: `exec to first \`/health\`, ${place}`, root, targetMs: 120 }),
				);
				report(await measureIdle(program, bareServer, { what: `idle 30 s, ${place}`, root }));
			}
			if (size === 100_000) {
				report(...(await measureBrowsing(daemon, size, bare.oneClient)));
				await daemon.stop();
				report(
					await measureStart(program, bareServer, {
						what: `exec to first \`/health\`, ${size.toLocaleString("en")} memories with their vectors`,
						root,
						targetMs: 150,
					}),
				);
				report(await measureFirstRecall(program, questions, { root, memories: size }));
			}
			stored = size;
			p50Before = recall.oneClient.p50;
		}
	} finally {
		rmSync(home, { recursive: true, force: true });
	}
}

/** The same load on a handler that does nothing: what the client, the network and HTTP take. */
async function measureBareServer(): Promise<RecallFigures> {
	await using bare = await HelperProcess.start([bareServer, "0", String(ANSWER_BYTES)]);
	const ask = async (query: string) => {
		const body = JSON.stringify({ query, limit: 10 });
		return (await fetch(bare.url, { method: "POST", body })).json();
	};
	const questions = questionsAmong(1_000, QUESTIONS);
	return { oneClient: await load(questions, 1, ask), tenClients: await load(questions, 10, ask) };
}

function questionsAmong(size: number, count: number): string[] {
	return Array.from({ length: count }, (_, at) => texts.questionAbout(memories[(at * 7919) % size] ?? ""));
}

function configurationFor(provider: string, url = ""): string {
	return `embedding:
  provider: ${provider}
${url && `  model: bench\n  base_url: ${url}\n  dimensions: 768\n`}memory:
  pipelineV2:
    enabled: false
`;
}
