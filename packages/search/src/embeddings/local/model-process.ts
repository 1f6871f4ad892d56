import { type EndedProcess, messageOf, type PipedProcess, type Timer, type World } from "@signet/core";
import { type EmbeddedTexts, EmbeddingFailure } from "../provider.ts";
import {
	type AskMessage,
	decodeVector,
	LineReader,
	type LoadMessage,
	type WorkerMessage,
	workerMessage,
} from "./worker-messages.ts";

/** A process that was told to end has so long to do it. */
const ENDING_MS = 5_000;
/** What a model can take in of a text is far less. */
const MAX_TEXT_CHARS = 40_000;
/** Of the last words of a process that failed. */
const MAX_QUOTED_CHARS = 300;

export interface ModelProcessOptions {
	readonly world: Pick<World, "timers" | "processes">;
	/** Starts this program as the process that runs a model. */
	readonly command: readonly string[];
	readonly load: LoadMessage;
	/** So long nobody asks anything before the process ends. */
	readonly idleMs: number;
}

interface Asked {
	readonly vectors: (Float32Array | undefined)[];
	open: number;
	readonly resolve: (vectors: EmbeddedTexts) => void;
	readonly reject: (error: EmbeddingFailure) => void;
}

/** The process that runs a model, which is there while it is needed: it starts with a question and ends when idle. */
export class ModelProcess {
	#child: PipedProcess | undefined;
	readonly #asked = new Map<number, Asked>();
	#lastId = 0;
	#idle: Timer | undefined;
	#silence: Timer | undefined;
	#silenceMs = 0;
	#refusal: string | undefined;
	#dimensions: number | undefined;

	constructor(private readonly options: ModelProcessOptions) {}

	/** Length of the vectors, once it is known. */
	get dimensions(): number | undefined {
		return this.#dimensions;
	}

	get isRunning(): boolean {
		return this.#child !== undefined;
	}

	/**
	 * The vectors of texts. Throws an `EmbeddingFailure` when the process gives no sign of life for `silenceMs`, ends, or
	 * cannot use the model.
	 */
	embed(texts: readonly string[], isUrgent: boolean, silenceMs: number): Promise<EmbeddedTexts> {
		const { promise, resolve, reject } = Promise.withResolvers<EmbeddedTexts>();
		if (texts.length === 0) return Promise.resolve([]);
		this.#idle?.cancel();
		const id = ++this.#lastId;
		const cut = texts.map((text) => text.slice(0, MAX_TEXT_CHARS));
		this.#asked.set(id, { vectors: texts.map(() => undefined), open: texts.length, resolve, reject });
		try {
			this.#child ??= this.#start();
			this.#send({ id, texts: cut, isUrgent });
			this.#silenceMs = silenceMs;
			this.#expectSign();
		} catch (error) {
			this.#fail(new EmbeddingFailure(`the model's process cannot be started: ${messageOf(error)}`));
		}
		return promise;
	}

	/** End the process now. What was asked fails. */
	stop(): void {
		this.#fail(new EmbeddingFailure("the model is not used any more"));
	}

	#start(): PipedProcess {
		const { world, command, load } = this.options;
		this.#refusal = undefined;
		const lines = new LineReader((line) => this.#take(workerMessage.parse(JSON.parse(line))));
		const child: PipedProcess = world.processes.startPiped(command, {
			env: systemEnvironment(),
			onOutput: (bytes) => {
				if (this.#child !== child) return;
				try {
					lines.add(bytes);
				} catch (error) {
					this.#fail(new EmbeddingFailure(`the model's process cannot be understood: ${messageOf(error)}`));
				}
			},
			onExit: (ended) => {
				if (this.#child === child) this.#fail(new EmbeddingFailure(this.#refusal ?? causeOf(ended)));
			},
		});
		child.write(`${JSON.stringify(load)}\n`);
		return child;
	}

	#send(message: AskMessage): void {
		this.#child?.write(`${JSON.stringify(message)}\n`);
	}

	#take(message: WorkerMessage): void {
		if ("dimensions" in message) this.#dimensions = message.dimensions;
		else if ("refusal" in message) this.#refusal = message.refusal;
		else this.#answer(message);
		if (this.#asked.size > 0) this.#expectSign();
	}

	#answer(message: Extract<WorkerMessage, { id: number }>): void {
		const asked = this.#asked.get(message.id);
		if (!asked) return;
		if ("problem" in message) {
			this.#asked.delete(message.id);
			asked.reject(new EmbeddingFailure(message.problem, true));
		} else {
			asked.vectors[message.at] = message.vector === null ? undefined : decodeVector(message.vector);
			if (--asked.open > 0) return;
			this.#asked.delete(message.id);
			asked.resolve(asked.vectors);
		}
		if (this.#asked.size === 0) this.#rest();
	}

	/** Give the process up when it says nothing for a while although it is asked for something. */
	#expectSign(): void {
		this.#silence?.cancel();
		const failure = new EmbeddingFailure(`the model gave no sign of life for ${this.#silenceMs} ms`);
		this.#silence = this.options.world.timers.after(this.#silenceMs, () => this.#fail(failure));
	}

	/** Nothing is asked for at the moment: end the process, unless something is soon. */
	#rest(): void {
		this.#silence?.cancel();
		this.#idle?.cancel();
		const { world, idleMs } = this.options;
		this.#idle = world.timers.after(idleMs, () => {
			const child = this.#child;
			this.#child = undefined;
			child?.closeInput();
			world.timers.after(ENDING_MS, () => child?.kill());
		});
	}

	#fail(failure: EmbeddingFailure): void {
		this.#silence?.cancel();
		this.#idle?.cancel();
		const child = this.#child;
		this.#child = undefined;
		child?.kill();
		const asked = [...this.#asked.values()];
		this.#asked.clear();
		for (const { reject } of asked) reject(failure);
	}
}

function causeOf({ exitCode, lastWords }: EndedProcess): string {
	const how = exitCode === undefined ? "was ended by a signal" : `ended with ${exitCode}`;
	return `the model's process ${how}${lastWords && `: ${lastWords.slice(-MAX_QUOTED_CHARS)}`}`;
}

/** What a program needs to run at all. Keys and tokens of ours are nothing to it. */
function systemEnvironment(): Record<string, string | undefined> {
	const { HOME, TMPDIR, TEMP, SystemRoot, USERPROFILE } = process.env;
	return { HOME, TMPDIR, TEMP, SystemRoot, USERPROFILE };
}
