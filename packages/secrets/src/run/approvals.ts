import { isoTime, notFound, RequestError, type World } from "@signet/core";
import type { Caller } from "./caller.ts";

/** What somebody wants to do and must ask for. */
export interface Wish {
	readonly caller: Caller;
	/** The same for the same caller, command, folder and secrets. */
	readonly key: string;
	/** To be shown, without values. */
	readonly command: string;
	readonly secrets: readonly string[];
	readonly variables: readonly string[];
	readonly cwd: string | undefined;
}

export type ApprovalStatus = "pending" | "approved" | "denied";

export interface Approval extends Omit<Wish, "key"> {
	readonly id: string;
	readonly status: ApprovalStatus;
	/** ISO-8601. */
	readonly askedAt: string;
	/** ISO-8601: until then it can be decided, or holds. */
	readonly expiresAt: string;
}

interface Entry extends Wish {
	readonly id: string;
	status: ApprovalStatus;
	readonly askedAtMs: number;
	expiresAtMs: number;
}

/** A wish that nobody decides on, and a decision that nobody makes use of, are forgotten after that. */
const LIFE_MS = 10 * 60_000;
const MAX_ENTRIES = 100;
const ID_CHARS = 8;

/**
 * What waits for a person to say yes. Whoever asks is told to come again; a yes is good for that one thing, once. Nothing
 * of it outlives the process.
 */
export class Approvals {
	readonly #entries = new Map<string, Entry>();

	constructor(private readonly world: Pick<World, "clock" | "random">) {}

	/** All that were not made use of yet, the oldest first. */
	list(): Approval[] {
		this.#expire();
		return [...this.#entries.values()].map(viewOf);
	}

	/** Throws unless a person has said yes to that; then the yes is used up. The wish is told whether it is new. */
	demand(wish: Wish, onAsked: (approval: Approval) => void): void {
		this.#expire();
		const entry = this.#entries.get(wish.key) ?? this.#ask(wish, onAsked);
		if (entry.status === "approved") {
			this.#entries.delete(wish.key);
			return;
		}
		const { id, status } = entry;
		if (status === "denied") throw new RequestError(403, "approval_denied", "A person was asked and said no", { id });
		throw new RequestError(
			403,
			"approval_required",
			`A person has to allow it first: signet secret approve ${id}. Then ask again, within ten minutes`,
			{ id },
		);
	}

	/** Say yes or no. Throws when nobody waits under that id. */
	decide(id: string, status: "approved" | "denied"): Approval {
		this.#expire();
		const entry = [...this.#entries.values()].find((each) => each.id === id);
		if (!entry) throw notFound(`Nothing waits for approval under ${id}; signet secret approvals shows what does`);
		entry.status = status;
		entry.expiresAtMs = this.world.clock.now() + LIFE_MS;
		return viewOf(entry);
	}

	#ask(wish: Wish, onAsked: (approval: Approval) => void): Entry {
		if (this.#entries.size >= MAX_ENTRIES) {
			throw new RequestError(429, "too_many_approvals", `${MAX_ENTRIES} other uses wait for approval already`);
		}
		const now = this.world.clock.now();
		const id = this.world.random.uuid().slice(0, ID_CHARS);
		const entry: Entry = { ...wish, id, status: "pending", askedAtMs: now, expiresAtMs: now + LIFE_MS };
		this.#entries.set(wish.key, entry);
		onAsked(viewOf(entry));
		return entry;
	}

	#expire(): void {
		const now = this.world.clock.now();
		for (const [key, { expiresAtMs }] of this.#entries) if (expiresAtMs <= now) this.#entries.delete(key);
	}
}

function viewOf({ key: _key, askedAtMs, expiresAtMs, ...entry }: Entry): Approval {
	return { ...entry, askedAt: isoTime(askedAtMs), expiresAt: isoTime(expiresAtMs) };
}
