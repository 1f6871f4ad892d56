import * as z from "zod/mini";
import type { RunningDaemon } from "../running-daemon.ts";
import { type Figure, ms } from "./figure.ts";
import { type LoadFigures, load, summarise } from "./load.ts";

const REQUESTS = 1_000;
const PAGE = 50;
/** How many memories are forgotten at once, and how often that is measured. */
const FORGOTTEN = 200;
const BATCHES = 5;

const page = z.object({
	memories: z.array(z.object({ id: z.string() })),
	nextCursor: z.optional(z.string()),
});

/** Reading memories and their histories, and forgetting many, in a workspace of that many. */
export async function measureBrowsing(daemon: RunningDaemon, memories: number, bare: LoadFigures): Promise<Figure[]> {
	const name = memories.toLocaleString("en");
	const floor = `bare server ${times(bare)}`;
	const row = (what: string, figures: LoadFigures): Figure => ({
		what: `${what}, ${name} memories: p50 / p99`,
		figure: times(figures),
		target: "p99 ≤ 10 ms",
		floor,
	});
	const ids = await sampleIds(daemon, memories);
	const offsets = Array.from({ length: REQUESTS }, (_, at) => (at * 7919) % memories);
	const rows = [
		row("list by offset", await one(offsets, (offset) => daemon.get(`/api/memories?limit=${PAGE}&offset=${offset}`))),
		row("list by cursor", await measureCursor(daemon)),
		row("read one", await one(ids, (id) => daemon.get(`/api/memory/${id}`))),
		row("its history", await one(ids, (id) => daemon.get(`/api/memory/${id}/history`))),
	];
	const batches: number[] = [];
	for (let batch = 0; batch < BATCHES; batch++) {
		batches.push(await forgetBatch(daemon, ids.slice(batch * FORGOTTEN, (batch + 1) * FORGOTTEN)));
	}
	const { p50, longest } = summarise(batches, 1);
	rows.push({
		what: `forget ${FORGOTTEN} at once, ${name} memories: median of ${BATCHES} / longest`,
		figure: `${ms(p50)} / ${ms(longest)}`,
		target: "≤ 100 ms",
	});
	return rows;
}

function one<T>(items: readonly T[], send: (item: T) => Promise<unknown>): Promise<LoadFigures> {
	return load(items, 1, send);
}

function times({ p50, p99 }: LoadFigures): string {
	return `${p50.toFixed(2)} / ${ms(p99)}`;
}

/** Page through the list from its beginning. */
async function measureCursor(daemon: RunningDaemon): Promise<LoadFigures> {
	let cursor: string | undefined = "";
	return one(Array.from({ length: REQUESTS }), async () => {
		const after: string = cursor ? `&cursor=${encodeURIComponent(cursor)}` : "";
		cursor = page.parse(await daemon.get(`/api/memories?limit=${PAGE}${after}`)).nextCursor;
	});
}

/** Ids from all over the list. */
async function sampleIds(daemon: RunningDaemon, memories: number): Promise<string[]> {
	const ids: string[] = [];
	const step = Math.max(PAGE, Math.floor(memories / Math.ceil(REQUESTS / PAGE)));
	for (let offset = 0; offset < memories && ids.length < REQUESTS; offset += step) {
		ids.push(
			...page.parse(await daemon.get(`/api/memories?limit=${PAGE}&offset=${offset}`)).memories.map(({ id }) => id),
		);
	}
	return ids;
}

/** Forget memories as a person does, who sees them first. Gives the milliseconds of forgetting. */
async function forgetBatch(daemon: RunningDaemon, ids: readonly string[]): Promise<number> {
	const preview = z
		.object({ confirmToken: z.optional(z.string()) })
		.parse(await daemon.post("/api/memory/forget", { mode: "preview", ids }));
	const begunAt = performance.now();
	await daemon.post("/api/memory/forget", {
		mode: "execute",
		ids,
		reason: "measured",
		confirm_token: preview.confirmToken,
	});
	return performance.now() - begunAt;
}
