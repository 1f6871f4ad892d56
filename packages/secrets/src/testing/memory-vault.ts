import { notFound } from "@signet/core";

/** Secrets that are nowhere but in the memory. */
export class MemoryVault {
	readonly #values: Map<string, string>;
	readonly #texts = new Map<string, string>();
	#changes = 0;
	/** As if somebody had changed what is sealed. */
	isTamperedWith = false;

	constructor(values: Readonly<Record<string, string>> = {}) {
		this.#values = new Map(Object.entries(values));
	}

	put(name: string, value: string): void {
		this.#values.set(name, value);
		this.#changes++;
	}

	delete(name: string): void {
		this.#values.delete(name);
		this.#changes++;
	}

	async resolve(name: string): Promise<string> {
		const value = this.#values.get(name);
		if (value === undefined) throw notFound(`Secret '${name}' not found`);
		return value;
	}

	async values(): Promise<ReadonlyMap<string, string>> {
		return new Map(this.#values);
	}

	changeCount(): number {
		return this.#changes;
	}

	async sealedText(name: string): Promise<string | undefined> {
		if (this.isTamperedWith) throw new Error("it was not sealed by this key");
		return this.#texts.get(name);
	}

	async changeSealedText(name: string, change: (text: string | undefined) => string | undefined): Promise<void> {
		const text = change(await this.sealedText(name));
		if (text === undefined) this.#texts.delete(name);
		else this.#texts.set(name, text);
	}
}
