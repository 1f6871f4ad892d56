/** A map that forgets what was not asked for the longest when it is full. */
export class BoundedMap<Key, Value> {
	readonly #entries = new Map<Key, Value>();

	constructor(private readonly capacity: number) {}

	get size(): number {
		return this.#entries.size;
	}

	get(key: Key): Value | undefined {
		const value = this.#entries.get(key);
		if (value === undefined) return undefined;
		this.#entries.delete(key);
		this.#entries.set(key, value);
		return value;
	}

	set(key: Key, value: Value): void {
		this.#entries.delete(key);
		this.#entries.set(key, value);
		if (this.#entries.size <= this.capacity) return;
		const [oldest] = this.#entries.keys();
		if (oldest !== undefined) this.#entries.delete(oldest);
	}
}
