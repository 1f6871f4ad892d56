import { RequestError, type Timer, type World } from "@signet/core";
import { Seldom } from "./seldom.ts";

export interface AnswerLimits {
	/** The system takes smaller ones at once, so that nothing of them is held here. */
	readonly smallBytes: number;
	/** Larger ones that may be on their way at the same time. */
	readonly maxAnswers: number;
	/** What those may have together. */
	readonly maxBytesTogether: number;
	/** How long the smallest of them may take to be read. */
	readonly baseMs: number;
	/** So many bytes of it give it a millisecond more. */
	readonly bytesPerMs: number;
	/** An answer that is younger than this is not broken off for the sake of another one's bytes. */
	readonly youthMs: number;
}

const KIB = 1024;

export const ANSWER_LIMITS: AnswerLimits = {
	smallBytes: 32 * KIB,
	maxAnswers: 1_024,
	maxBytesTogether: 64 * KIB * KIB,
	baseMs: 30_000,
	bytesPerMs: 64,
	youthMs: 2_000,
};

/** How often it is looked for answers that take too long. */
const LOOK_MS = 1_000;
const SLICE_BYTES = 64 * KIB;

interface Answer {
	readonly begunAtMs: number;
	/** What of it is held. */
	bytes: number;
	/** What was handed to the system. */
	sentBytes: number;
	controller?: ReadableStreamDefaultController<Uint8Array>;
}

type Pieces = Iterator<Uint8Array, void, undefined> | AsyncIterator<Uint8Array, void, undefined>;

/**
 * The answers that are on their way. Whoever asks for much and reads slowly has it held for them, so that many of them
 * could take all the memory there is: here answers are counted, given a time, and where there are too many, the one that
 * has been at it longest goes. An answer that is read as quickly as the line allows is never that one.
 */
export class OutgoingAnswers {
	/** The oldest first. */
	readonly #answers = new Set<Answer>();
	#bytes = 0;
	#timer: Timer | undefined;
	readonly #news: Seldom;

	constructor(
		private readonly world: Pick<World, "clock" | "timers">,
		private readonly limits: AnswerLimits = ANSWER_LIMITS,
		/** Told why an answer was broken off, and how many were since it was told last; once a minute at most. */
		onBrokenOff: (reason: string, count: number) => void = () => undefined,
	) {
		this.#news = new Seldom(world.clock, onBrokenOff);
	}

	/** How many that are not small are on their way. */
	get count(): number {
		return this.#answers.size;
	}

	/** What is held of them. */
	get bytes(): number {
		return this.#bytes;
	}

	/** What to send for a text that is there. Throws a `RequestError` when there is no room for it. */
	whole(text: string): string | ReadableStream<Uint8Array> {
		if (Buffer.byteLength(text) <= this.limits.smallBytes) return text;
		const bytes = Buffer.from(text);
		return this.#stream(slicesOf(bytes), () => bytes.length, bytes.length);
	}

	/** What to send for a text that comes in pieces, of which one is held at a time. */
	pieces(pieces: AsyncIterator<string, void, undefined>): ReadableStream<Uint8Array> {
		return this.#stream(encoded(pieces), (piece) => piece.length, 0);
	}

	#stream(pieces: Pieces, heldWith: (piece: Uint8Array) => number, bytes: number): ReadableStream<Uint8Array> {
		const answer = this.#begin(bytes);
		return new ReadableStream<Uint8Array>(
			{
				start(controller) {
					answer.controller = controller;
				},
				pull: async (controller) => {
					const piece = await this.#next(answer, pieces);
					// It was broken off meanwhile.
					if (!this.#answers.has(answer)) return;
					if (!piece) {
						this.#end(answer);
						controller.close();
						return;
					}
					answer.sentBytes += piece.length;
					controller.enqueue(piece);
					this.#hold(answer, heldWith(piece));
				},
				cancel: async () => {
					this.#end(answer);
					await pieces.return?.();
				},
			},
			{ highWaterMark: 0 },
		);
	}

	async #next(answer: Answer, pieces: Pieces): Promise<Uint8Array | undefined> {
		try {
			return (await pieces.next()).value ?? undefined;
		} catch (error) {
			this.#end(answer);
			throw error;
		}
	}

	#begin(bytes: number): Answer {
		const [oldest] = this.#answers;
		if (oldest && this.#answers.size >= this.limits.maxAnswers) this.#breakOff(oldest, NO_ROOM);
		const answer = { begunAtMs: this.world.clock.monotonicMs(), bytes: 0, sentBytes: 0 };
		this.#answers.add(answer);
		if (!this.#hold(answer, bytes)) {
			this.#end(answer);
			throw new RequestError(503, "busy", "Too much is being answered at the same time; ask again in a moment");
		}
		this.#timer ??= this.world.timers.after(LOOK_MS, () => this.#look());
		return answer;
	}

	/** Count what is held of an answer; if all have too much together, others go. False when none of them may. */
	#hold(answer: Answer, bytes: number): boolean {
		this.#bytes += bytes - answer.bytes;
		answer.bytes = bytes;
		const youngest = this.world.clock.monotonicMs() - this.limits.youthMs;
		while (this.#bytes > this.limits.maxBytesTogether) {
			const oldest = this.#answers.values().find((other) => other !== answer && other.bytes > 0);
			// One alone may have as much as it needs.
			if (!oldest) return true;
			if (oldest.begunAtMs > youngest) return false;
			this.#breakOff(oldest, NO_ROOM);
		}
		return true;
	}

	#end(answer: Answer): void {
		if (this.#answers.delete(answer)) this.#bytes -= answer.bytes;
	}

	/** Its connection is closed; that it was not whole shows by the end that is missing. */
	#breakOff(answer: Answer, reason: string): void {
		this.#end(answer);
		// Without a reason: the runtime would print it.
		answer.controller?.error();
		this.#news.note(reason);
	}

	#look(): void {
		this.#timer = undefined;
		const now = this.world.clock.monotonicMs();
		for (const answer of [...this.#answers]) {
			const allowedMs = this.limits.baseMs + Math.max(answer.bytes, answer.sentBytes) / this.limits.bytesPerMs;
			if (now - answer.begunAtMs > allowedMs) this.#breakOff(answer, TOO_SLOW);
		}
		if (this.#answers.size > 0) this.#timer = this.world.timers.after(LOOK_MS, () => this.#look());
	}
}

const NO_ROOM = "others needed the room";
const TOO_SLOW = "it was read too slowly";

function* slicesOf(bytes: Uint8Array): Generator<Uint8Array, void, undefined> {
	for (let at = 0; at < bytes.length; at += SLICE_BYTES) yield bytes.subarray(at, at + SLICE_BYTES);
}

async function* encoded(pieces: AsyncIterator<string, void, undefined>): AsyncGenerator<Uint8Array, void, undefined> {
	const encoder = new TextEncoder();
	try {
		for (let next = await pieces.next(); !next.done; next = await pieces.next()) yield encoder.encode(next.value);
	} finally {
		await pieces.return?.();
	}
}
