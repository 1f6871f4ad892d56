/** The vectors of the questions asked lately, and of those being asked: the same question is embedded once. */
export class QueryCache {
	readonly #vectors = new Map<string, Promise<Float32Array>>();

	/** @param capacity questions that are kept; the one unused for longest goes first */
	constructor(private readonly capacity: number) {}

	/** The vector kept for `text`, or the one that `embed` makes now. A failure is not kept. */
	get(text: string, embed: () => Promise<Float32Array>): Promise<Float32Array> {
		const known = this.#vectors.get(text);
		if (known) {
			this.#vectors.delete(text);
			this.#vectors.set(text, known);
			return known;
		}
		const made = embed();
		this.#vectors.set(text, made);
		made.catch(() => this.#vectors.get(text) === made && this.#vectors.delete(text));
		if (this.#vectors.size > this.capacity) {
			const [oldest] = this.#vectors.keys();
			if (oldest !== undefined) this.#vectors.delete(oldest);
		}
		return made;
	}
}
