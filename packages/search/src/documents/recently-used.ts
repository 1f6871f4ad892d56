import type { Timer, Timers } from "@signet/core";

/** After this long without a question the memory is given back. */
const IDLE_MS = 10_000;

export interface RecentlyUsedOptions<Value> {
	readonly timers: Pick<Timers, "after">;
	/** What is kept weighs at most so much in all. */
	readonly maxWeight: number;
	readonly weightOf: (value: Value) => number;
}

/**
 * Values that were asked for lately, all of which are let go when nothing is asked for a while. There are two generations:
 * what is asked for moves to the young one, and when that has grown to half of all the old one goes. Keeping exact order
 * would take longer than what it saves.
 */
export class RecentlyUsed<Key, Value> {
	#young = new Map<Key, Value>();
	#old = new Map<Key, Value>();
	#youngWeight = 0;
	#timer: Timer | undefined;
	#isUsed = false;

	constructor(private readonly options: RecentlyUsedOptions<Value>) {}

	get(key: Key): Value | undefined {
		this.#isUsed = true;
		const young = this.#young.get(key);
		if (young !== undefined) return young;
		const old = this.#old.get(key);
		if (old !== undefined) this.set(key, old);
		return old;
	}

	set(key: Key, value: Value): void {
		const { maxWeight, timers, weightOf } = this.options;
		this.delete(key);
		this.#young.set(key, value);
		this.#youngWeight += weightOf(value);
		this.#timer ??= timers.after(IDLE_MS, () => this.#check());
		if (this.#youngWeight <= maxWeight / 2) return;
		this.#old = this.#young;
		this.#young = new Map();
		this.#youngWeight = 0;
	}

	delete(key: Key): void {
		const young = this.#young.get(key);
		if (young !== undefined) this.#youngWeight -= this.options.weightOf(young);
		this.#young.delete(key);
		this.#old.delete(key);
	}

	clear(): void {
		this.#young = new Map();
		this.#old = new Map();
		this.#youngWeight = 0;
	}

	#check(): void {
		if (!this.#isUsed) this.clear();
		this.#isUsed = false;
		const isEmpty = this.#young.size + this.#old.size === 0;
		this.#timer = isEmpty ? undefined : this.options.timers.after(IDLE_MS, () => this.#check());
	}
}
