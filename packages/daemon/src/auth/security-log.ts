import type { World } from "@signet/core";
import type { Logger } from "../logs/logger.ts";
import { BoundedMap } from "./bounded-map.ts";

/** Of refusals of one kind to one address, so many are logged within the window; the others are counted. */
const LOGGED = 5;
const WINDOW_MS = 60_000;
const MAX_KINDS = 1_000;

/** Somebody was turned away. */
export interface RefusedRequest {
	readonly status: number;
	/** The stable name of the reason. */
	readonly code: string;
	/** In words. */
	readonly reason: string;
	/** Where it came from. */
	readonly address: string;
	readonly method: string;
	/** The route as the table has it: a path may say anything. */
	readonly route: string;
}

interface Window {
	readonly beganMs: number;
	refused: number;
}

/** Tells of those who were turned away, and counts them. */
export class SecurityLog {
	readonly #windows = new BoundedMap<string, Window>(MAX_KINDS);
	readonly #counters = new Map<string, number>();

	constructor(
		private readonly logger: Pick<Logger, "warn">,
		private readonly clock: Pick<World["clock"], "monotonicMs">,
	) {}

	/** How many were turned away since the start, by the names of the reasons. */
	get counters(): Readonly<Record<string, number>> {
		return Object.fromEntries(this.#counters);
	}

	refused(request: RefusedRequest): void {
		const { status, code, address } = request;
		this.#counters.set(code, (this.#counters.get(code) ?? 0) + 1);
		const now = this.clock.monotonicMs();
		const kind = `${status} ${code} ${address}`;
		const last = this.#windows.get(kind);
		const isOver = !last || now - last.beganMs >= WINDOW_MS;
		const window = isOver ? { beganMs: now, refused: 0 } : last;
		window.refused++;
		this.#windows.set(kind, window);
		if (window.refused > LOGGED) return;
		const unlogged = isOver && last ? last.refused - LOGGED : 0;
		this.logger.warn("security", `a request was refused: ${request.reason}`, {
			...request,
			...(unlogged > 0 && { moreBefore: unlogged }),
		});
	}
}
