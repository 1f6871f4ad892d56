import type { AuthSettings, World } from "@signet/core";
import { BoundedMap } from "./bounded-map.ts";
import type { Caller } from "./caller.ts";
import { isLimitedEverywhere, type RateOperation } from "./rate-operations.ts";
import { Refusal } from "./refusal.ts";

/** Callers kept in mind, each for one operation. */
const MAX_KEYS = 2_000;
/** A greater limit counts as this one: each request within the window is kept in mind. */
const MAX_REQUESTS = 10_000;

export interface RateLimiterOptions {
	readonly mode: "local" | "team" | "hybrid";
	readonly limits: AuthSettings["rateLimits"];
	readonly clock: Pick<World["clock"], "now" | "monotonicMs">;
}

/**
 * Lets each caller do something so many times within any stretch of time as long as the window. Counted are those that
 * were let through. Nothing of it outlives the process.
 */
export class RateLimiter {
	/** When requests came, in milliseconds of the monotonic clock, the oldest first. */
	readonly #requests = new BoundedMap<string, number[]>(MAX_KEYS);

	constructor(private readonly options: RateLimiterOptions) {}

	/** Count a request. Throws when the caller has had its share. */
	spend(operation: RateOperation, { identity }: Pick<Caller, "identity">): void {
		const { mode, limits, clock } = this.options;
		if (mode === "local" && !isLimitedEverywhere(operation)) return;
		const { windowMs, max } = limits[operation];
		const now = clock.monotonicMs();
		const key = `${operation} ${identity}`;
		const recent = (this.#requests.get(key) ?? []).filter((at) => now - at < windowMs);
		if (recent.length < Math.min(max, MAX_REQUESTS)) {
			recent.push(now);
			this.#requests.set(key, recent);
			return;
		}
		const waitMs = (recent[0] ?? now) + windowMs - now;
		throw tooManyRequests("rate limit exceeded", waitMs, clock.now());
	}
}

/** The refusal of one request too many, which says when to come back. */
export function tooManyRequests(message: string, waitMs: number, nowMs: number): Refusal {
	const seconds = Math.max(1, Math.ceil(waitMs / 1_000));
	return new Refusal(429, "rate_limited", message, {
		headers: { "retry-after": String(seconds) },
		body: { retryAfter: Math.ceil(nowMs + waitMs) },
	});
}
