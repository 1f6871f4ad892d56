import { ExitCode, mulberry32 } from "@signet/core";
import { realWorld } from "@signet/core/world";
import { listAnswer } from "../answers.ts";
import { connect, type DaemonClient } from "../client.ts";
import type { CommonOptions } from "../environment.ts";
import { CommandError } from "../failure.ts";
import { queryString } from "../find-memory.ts";
import { plural, style, table } from "../terminal.ts";

export interface BenchOptions extends CommonOptions {
	readonly questions: number;
	readonly clients: number;
}

/** Places in the list of memories from which questions are made, and memories taken from each. */
const PLACES = 20;
const TAKEN = 20;
const WORDS = 4;
const WORD = /[\p{L}\p{N}]{4,}/gu;
const WARM_UP = 20;
const LIMIT = 10;
const MIN_QUESTIONS = 10;

/** Times in milliseconds, from sending a request to having read its answer. */
interface Times {
	readonly p50: number;
	readonly p90: number;
	readonly p99: number;
	readonly longest: number;
	readonly perSecond: number;
}

/**
 * `signet bench`: how long recall takes on the memories that are there, beside the time of a request that does nothing.
 * Asks for words of memories; nothing is changed, and no use is counted.
 */
export async function bench(options: BenchOptions): Promise<ExitCode> {
	const client = connect(options);
	const { memories, questions } = await makeQuestions(client, Math.max(MIN_QUESTIONS, options.questions));
	const ask = (query: string) => client.post("/api/memory/recall", { query, limit: LIMIT, preview: true });
	await measure(questions.slice(0, WARM_UP), 4, ask);
	const one = await measure(questions, 1, ask);
	const several = await measure(questions, options.clients, ask);
	const floor = await measure(questions, 1, () => client.get("/health"));
	const figures = { memories, questions: questions.length, clients: options.clients, recall: { one, several }, floor };
	console.log(options.json ? JSON.stringify(figures, null, 2) : describe(figures));
	return ExitCode.ok;
}

/** A few words of memories from all over the list. */
async function makeQuestions(client: DaemonClient, count: number): Promise<{ memories: number; questions: string[] }> {
	const page = async (offset: number) =>
		listAnswer.parse(await client.get(`/api/memories?${queryString({ limit: TAKEN, offset })}`));
	const first = await page(0);
	const { total } = first.stats;
	const texts = first.memories.map(({ content }) => content);
	for (let place = 1; place < PLACES && total > TAKEN; place++) {
		const { memories } = await page(Math.floor((place * Math.max(0, total - TAKEN)) / (PLACES - 1)));
		texts.push(...memories.map(({ content }) => content));
	}
	const sources = texts.map((text) => text.match(WORD) ?? []).filter((words) => words.length > 0);
	if (sources.length === 0) {
		throw new CommandError("There is nothing to ask for", ExitCode.failure, "Remember something first.");
	}
	const random = mulberry32(1);
	const questions = Array.from({ length: count }, (_, at) => {
		const words = sources[at % sources.length] ?? [];
		return Array.from({ length: WORDS }, () => words[Math.floor(random() * words.length)]).join(" ");
	});
	return { memories: total, questions };
}

/** Let `clients` send one request after the other, until all items are sent. */
async function measure(
	items: readonly string[],
	clients: number,
	send: (item: string) => Promise<unknown>,
): Promise<Times> {
	const times: number[] = [];
	let next = 0;
	const startedAt = realWorld.clock.monotonicMs();
	const work = async () => {
		for (let item = items[next++]; item !== undefined; item = items[next++]) {
			const sentAt = realWorld.clock.monotonicMs();
			await send(item);
			times.push(realWorld.clock.monotonicMs() - sentAt);
		}
	};
	await Promise.all(Array.from({ length: Math.max(1, clients) }, work));
	const totalMs = realWorld.clock.monotonicMs() - startedAt;
	const sorted = times.toSorted((a, b) => a - b);
	const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
	return { p50: at(0.5), p90: at(0.9), p99: at(0.99), longest: at(1), perSecond: (1000 * times.length) / totalMs };
}

function describe(figures: {
	memories: number;
	questions: number;
	clients: number;
	recall: { one: Times; several: Times };
	floor: Times;
}): string {
	const { memories, questions, clients, recall, floor } = figures;
	const row = (what: string, { p50, p90, p99, longest, perSecond }: Times) => [
		what,
		...[p50, p90, p99, longest].map((time) => `${time.toFixed(time < 10 ? 2 : 1)} ms`),
		Math.round(perSecond).toLocaleString("en"),
	];
	const columns = ["p50", "p90", "p99", "longest", "a second"].map((title) => ({ title, isNumber: true }));
	return [
		table(
			[{ title: "" }, ...columns],
			[
				row("recall, 1 client", recall.one),
				row(`recall, ${plural(clients, "client", "clients")}`, recall.several),
				row("a request that does nothing", floor),
			],
		),
		style.dim(
			`${plural(memories, "memory", "memories")}, ${plural(questions, "question", "questions")} each; nothing was changed`,
		),
	].join("\n");
}
