import { expect, test } from "bun:test";
import * as z from "zod/mini";
import { Home } from "./home.ts";

/**
 * While many ask at once a second thread answers half of them. Nobody may notice but by the time that it takes: both say the
 * same, and both know at once what was stored and what was forgotten.
 */

const CLIENTS = 40;
const MEMORIES = 400;
const PATIENCE_MS = 30_000;
const TOPICS = "falcon harbour lantern meadow nutmeg orchard pebble quartz raven saddle timber violet".split(" ");

const remembered = z.object({ id: z.string() });
const status = z.object({ index: z.object({ threads: z.number() }) });
const answered = z.object({
	results: z.array(z.object({ id: z.string(), score: z.number() })),
	confidence: z.number(),
	method: z.string(),
});

test("two threads answer as one, and know of every change", async () => {
	await using home = new Home();
	const { url } = await home.serve();
	const send = async (method: string, path: string, body?: object): Promise<unknown> => {
		const response = await fetch(url + path, { method, ...(body && { body: JSON.stringify(body) }) });
		return response.json();
	};
	const remember = async (content: string) =>
		remembered.parse(await send("POST", "/api/memory/remember", { content })).id;
	const recall = async (query: string, limit = 3) =>
		answered.parse(await send("POST", "/api/memory/recall", { query, limit, preview: true }));
	const threads = async () => status.parse(await send("GET", "/api/status")).index.threads;
	/** Questions that take a while, by each client again and again while `isOn`. */
	const crowd = (isOn: () => boolean) =>
		Array.from({ length: CLIENTS }, async (_, client) => {
			while (isOn()) await recall(`which delivery of the ${TOPICS[client % TOPICS.length]} was late?`, 100);
		});

	const lines = Array.from({ length: MEMORIES }, (_, at) => {
		const [one, other] = [TOPICS[at % TOPICS.length], TOPICS[(7 * at + 3) % TOPICS.length]];
		return remember(`Delivery ${at} of the ${one} came with the ${other}, and was ${at % 9} days late`);
	});
	await Promise.all(lines);
	for (const [at, topic] of TOPICS.entries()) {
		await remember(`The ${topic} is kept in room ${at}, next to the ${TOPICS[(at + 5) % TOPICS.length]}`);
	}
	const questions = TOPICS.map((topic) => `Where is the ${topic} kept?`);
	const alone: z.infer<typeof answered>[] = [];
	for (const question of questions) alone.push(await recall(question));
	expect(await threads()).toBe(1);

	let isOver = false;
	const clients = crowd(() => !isOver);
	try {
		const deadline = performance.now() + PATIENCE_MS;
		while ((await threads()) < 2 && performance.now() < deadline) await Bun.sleep(20);
		expect(await threads()).toBe(2);
		for (let round = 0; round < 5; round++) {
			expect(await Promise.all(questions.map((question) => recall(question)))).toEqual(alone);
		}
		for (let n = 0; n < 10; n++) {
			const id = await remember(`The zeppelin number zq${n} belongs to client ${n}`);
			const ask = () => Promise.all(Array.from({ length: CLIENTS }, () => recall(`Whose is zeppelin zq${n}?`)));
			const isFound = ({ results }: z.infer<typeof answered>) => results.some((result) => result.id === id);
			expect((await ask()).map(isFound)).toEqual(Array(CLIENTS).fill(true));
			await send("DELETE", `/api/memory/${id}`, { reason: "gone" });
			expect((await ask()).map(isFound)).toEqual(Array(CLIENTS).fill(false));
		}
		expect(await threads()).toBe(2);
	} finally {
		isOver = true;
		await Promise.all(clients);
	}
}, 90_000);
