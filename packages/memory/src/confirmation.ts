import { keyedHash, type World } from "@signet/core";

const KEY_BYTES = 32;
/** How long a preview can be acted upon. */
const VALID_MS = 10 * 60_000;

/**
 * Tokens that prove that somebody has seen what is about to happen: each holds for one list of things and a while, and
 * can be had only by looking. They do not outlive the process.
 */
export class Confirmations {
	readonly #key: string;

	constructor(private readonly world: Pick<World, "clock" | "random">) {
		this.#key = Buffer.from(world.random.bytes(KEY_BYTES)).toString("hex");
	}

	/** A token for what is shown. */
	issue(shown: unknown): string {
		const until = (this.world.clock.now() + VALID_MS).toString(36);
		return `${until}.${this.#sign(until, shown)}`;
	}

	/** Whether a token was given for exactly this, not long ago. */
	accepts(token: string, shown: unknown): boolean {
		const [until = ""] = token.split(".");
		if (Number.parseInt(until, 36) < this.world.clock.now()) return false;
		const expected = Buffer.from(`${until}.${this.#sign(until, shown)}`);
		const given = Buffer.from(token);
		return given.length === expected.length && crypto.timingSafeEqual(given, expected);
	}

	#sign(until: string, shown: unknown): string {
		return keyedHash(this.#key, `${until} ${JSON.stringify(shown)}`);
	}
}
