import { messageOf, type Timers } from "@signet/core";
import { SentenceModel } from "./sentence-model.ts";
import { askMessage, encodeVector, LineReader, loadMessage, type WorkerMessage } from "./worker-messages.ts";

export interface EmbedWorkerOptions {
	readonly input: AsyncIterable<Uint8Array>;
	readonly print: (line: string) => Promise<void>;
	readonly timers: Pick<Timers, "yield">;
}

interface Waiting {
	readonly id: number;
	readonly at: number;
	readonly text: string;
}

/** Its vector tells how long the vectors of a model are. */
const PLAIN_TEXT = "memory";

/**
 * What a process does that runs a model: answer what comes on its input, text by text, until that is closed. So it ends
 * with whoever started it, however that one ends. Rejects when the model cannot be used, after it has said so.
 */
export async function runEmbedWorker({ input, print, timers }: EmbedWorkerOptions): Promise<void> {
	const urgent: Waiting[] = [];
	const others: Waiting[] = [];
	const say = (message: WorkerMessage) => print(JSON.stringify(message));
	let model: Promise<SentenceModel> | undefined;
	let isAtWork = false;

	const work = async () => {
		if (isAtWork || !model) return;
		isAtWork = true;
		const loaded = await model;
		for (let next = urgent.shift() ?? others.shift(); next; next = urgent.shift() ?? others.shift()) {
			await say(await answerTo(loaded, next));
			// What came meanwhile may be urgent, or the end.
			await timers.yield();
		}
		isAtWork = false;
	};

	const { promise: failed, reject } = Promise.withResolvers<never>();
	const lines = new LineReader((line) => {
		if (!model) {
			model = loadModel(loadMessage.parse(JSON.parse(line)), say);
			model.then(work).catch(reject);
			return;
		}
		const { id, texts, isUrgent } = askMessage.parse(JSON.parse(line));
		const queue = isUrgent ? urgent : others;
		queue.push(...texts.map((text, at) => ({ id, at, text })));
		work().catch(reject);
	});
	const listened = (async () => {
		for await (const bytes of input) lines.add(bytes);
	})();
	await Promise.race([listened, failed]);
}

async function loadModel(
	message: ReturnType<typeof loadMessage.parse>,
	say: (message: WorkerMessage) => Promise<void>,
) {
	try {
		const model = await SentenceModel.load(message);
		await say({ dimensions: (await model.embed(PLAIN_TEXT))?.length ?? 0 });
		return model;
	} catch (error) {
		await say({ refusal: messageOf(error) });
		throw error;
	}
}

async function answerTo(model: SentenceModel, { id, at, text }: Waiting): Promise<WorkerMessage> {
	try {
		const vector = await model.embed(text);
		return { id, at, vector: vector ? encodeVector(vector) : null };
	} catch (error) {
		return { id, problem: messageOf(error) };
	}
}
