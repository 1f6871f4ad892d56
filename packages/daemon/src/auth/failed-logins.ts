import type { World } from "@signet/core";
import { BoundedMap } from "./bounded-map.ts";

/** So many tokens that do not hold may come from one address within the quiet time. */
const ALLOWED = 30;
/** After so long without one, an address begins anew. */
const QUIET_MS = 60_000;
/** The longest that it is told to wait. */
const MAX_WAIT_MS = 300_000;
const MAX_ADDRESSES = 1_000;

interface Failures {
	count: number;
	lastMs: number;
}

/**
 * Counts tokens that do not hold, by the address that they come from. Whoever sends too many is told to wait, twice as
 * long with each; a token that holds is never turned away, or anybody could lock out the others behind their address.
 */
export class FailedLogins {
	readonly #addresses = new BoundedMap<string, Failures>(MAX_ADDRESSES);

	constructor(private readonly clock: Pick<World["clock"], "monotonicMs">) {}

	/** Count one. Gives the milliseconds for which its sender is to wait; 0 while it is within what anybody may. */
	add(address: string): number {
		const now = this.clock.monotonicMs();
		const known = this.#addresses.get(address);
		const isQuiet = !known || now - known.lastMs > QUIET_MS + waitFor(known.count);
		const failures = { count: isQuiet ? 1 : known.count + 1, lastMs: now };
		this.#addresses.set(address, failures);
		return waitFor(failures.count);
	}
}

function waitFor(count: number): number {
	return count <= ALLOWED ? 0 : Math.min(MAX_WAIT_MS, 1_000 * 2 ** Math.min(30, count - ALLOWED - 1));
}
