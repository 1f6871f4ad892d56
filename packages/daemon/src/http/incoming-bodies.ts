import { RequestError, type Timer, tooLarge, type World } from "@signet/core";
import { Seldom } from "./seldom.ts";

export interface BodyLimits {
	/** The most that one body may have. */
	readonly maxBytes: number;
	/** Bodies that may be on their way at the same time. */
	readonly maxBodies: number;
	/** What those of them that are not small may have together. */
	readonly maxBytesTogether: number;
	/** Smaller ones are bounded by their number alone. */
	readonly smallBytes: number;
	/** How long the smallest body may take. */
	readonly baseMs: number;
	/** So many bytes of it give it a millisecond more. */
	readonly bytesPerMs: number;
	/** A body that is younger than this is not broken off for the sake of another one's bytes. */
	readonly youthMs: number;
}

const MIB = 1024 * 1024;

export const BODY_LIMITS: BodyLimits = {
	maxBytes: 10 * MIB,
	maxBodies: 1_024,
	maxBytesTogether: 64 * MIB,
	smallBytes: 32 * 1024,
	baseMs: 30_000,
	bytesPerMs: 64,
	youthMs: 2_000,
};

/** How often it is looked for bodies that take too long. */
const LOOK_MS = 1_000;

interface Body {
	readonly begunAtMs: number;
	/** As far as they are known to come or have come. */
	bytes: number;
	/** Let whoever waits for the rest of it wait no longer. */
	readonly breakOff: (reason: RequestError) => void;
}

/**
 * The bodies that are on their way. The runtime holds what has arrived of each, so that many slow ones, or a few large
 * ones that never end, could take all the memory there is: here they are counted, given a time, and where there are too
 * many, the one that has been at it longest goes. A body that comes as quickly as the line allows is never that one.
 */
export class IncomingBodies {
	/** The oldest first. */
	readonly #bodies = new Set<Body>();
	#bytes = 0;
	#timer: Timer | undefined;
	#refusal: RequestError | undefined;
	readonly #news: Seldom;

	constructor(
		private readonly world: Pick<World, "clock" | "timers">,
		private readonly limits: BodyLimits = BODY_LIMITS,
		/** Told why a body was broken off, and how many were since it was told last; once a minute at most. */
		onBrokenOff: (reason: string, count: number) => void = () => undefined,
	) {
		this.#news = new Seldom(world.clock, onBrokenOff);
	}

	/** How many are on their way. */
	get count(): number {
		return this.#bodies.size;
	}

	/** What those that are not small have together, as far as they are known to come or have come. */
	get bytes(): number {
		return this.#bytes;
	}

	/** All of a body. Throws a `RequestError` when it is too large, takes too long, or must make room. */
	async read(request: Request): Promise<Uint8Array> {
		if (this.#refusal) throw this.#refusal;
		const declared = Number(request.headers.get("content-length") ?? Number.NaN);
		// It is answered before it has arrived: what still comes of it the runtime throws away.
		if (declared > this.limits.maxBytes) throw tooLarge("the body", declared, this.limits.maxBytes, "bytes");
		const { body, broken } = this.#begin();
		try {
			this.#grow(body, Number.isNaN(declared) ? 0 : declared);
			// What has no length comes in pieces, and is counted as it comes.
			const whole = Number.isNaN(declared) ? this.#readPieces(request, body) : wholeOf(request);
			// When it is broken off, the connection is closed, which fails this too; nobody hears of it any more.
			whole.catch(() => undefined);
			return await Promise.race([whole, broken]);
		} finally {
			this.#bodies.delete(body);
			this.#bytes -= this.#counted(body);
		}
	}

	/** Break off those that are on their way, and take no more. */
	close(reason: RequestError): void {
		this.#refusal = reason;
		this.#timer?.cancel();
		for (const body of [...this.#bodies]) this.#breakOff(body, reason);
	}

	#begin(): { body: Body; broken: Promise<never> } {
		const [oldest] = this.#bodies;
		if (oldest && this.#bodies.size >= this.limits.maxBodies) this.#breakOff(oldest, madeRoom());
		const { promise: broken, reject } = Promise.withResolvers<never>();
		const body = { begunAtMs: this.world.clock.monotonicMs(), bytes: 0, breakOff: reject };
		this.#bodies.add(body);
		this.#timer ??= this.world.timers.after(LOOK_MS, () => this.#look());
		return { body, broken };
	}

	/** Count bytes; if all have too many together, one of them goes. */
	#grow(body: Body, bytes: number): void {
		this.#bytes -= this.#counted(body);
		body.bytes += bytes;
		this.#bytes += this.#counted(body);
		while (this.#bytes > this.limits.maxBytesTogether) {
			const youngest = this.world.clock.monotonicMs() - this.limits.youthMs;
			const oldest = this.#bodies.values().find((other) => other !== body && this.#counted(other) > 0);
			if (!oldest || oldest.begunAtMs > youngest) throw madeRoom();
			this.#breakOff(oldest, madeRoom());
		}
	}

	#counted({ bytes }: Body): number {
		return bytes > this.limits.smallBytes ? bytes : 0;
	}

	async #readPieces(request: Request, body: Body): Promise<Uint8Array> {
		const pieces: Uint8Array[] = [];
		if (!request.body) return new Uint8Array();
		for await (const piece of request.body) {
			// It was broken off, and what comes now is not to be held.
			if (!this.#bodies.has(body)) break;
			this.#grow(body, piece.length);
			const { maxBytes } = this.limits;
			if (body.bytes > maxBytes) throw tooLarge("the body", body.bytes, maxBytes, "bytes");
			pieces.push(piece);
		}
		return Buffer.concat(pieces);
	}

	#breakOff(body: Body, reason: RequestError): void {
		this.#bodies.delete(body);
		this.#bytes -= this.#counted(body);
		body.bytes = 0;
		body.breakOff(reason);
		if (!this.#refusal) this.#news.note(reason.message);
	}

	#look(): void {
		this.#timer = undefined;
		const now = this.world.clock.monotonicMs();
		for (const body of [...this.#bodies]) {
			const allowedMs = this.limits.baseMs + body.bytes / this.limits.bytesPerMs;
			if (now - body.begunAtMs > allowedMs) this.#breakOff(body, tookTooLong(allowedMs));
		}
		if (this.#bodies.size > 0) this.#timer = this.world.timers.after(LOOK_MS, () => this.#look());
	}
}

async function wholeOf(request: Request): Promise<Uint8Array> {
	return new Uint8Array(await request.arrayBuffer());
}

function madeRoom(): RequestError {
	return new RequestError(503, "busy", "Too much is being sent at the same time; send it again in a moment");
}

function tookTooLong(allowedMs: number): RequestError {
	const seconds = Math.round(allowedMs / 1_000);
	return new RequestError(408, "body_timeout", `The body did not arrive within ${seconds} s, and nothing was done`);
}
