import { type Cleaned, messageOf, noCleaner, type TextCleaner, type TextGuard, type World } from "@signet/core";
import { type PartLimits, replaceValues, ValueFinder } from "../redaction/index.ts";

/** Where the values are that must be nowhere else. */
export interface GuardedValues {
	/** All values by their names. Rejects when they cannot be read. */
	values(): Promise<ReadonlyMap<string, string>>;
	/** Another number after each change of any value. */
	changeCount(): number;
}

export interface VaultGuardOptions {
	readonly vault: GuardedValues;
	readonly world: Pick<World, "random" | "timers">;
	/** Told once of each reason why values cannot be guarded. */
	readonly onProblem: (problem: string) => void;
}

/**
 * What is too short, or one word, is in too many texts that have nothing to do with it: a memory that says Postgres must go
 * on saying so although somebody stored `postgres` as a user's name.
 */
const LIMITS: PartLimits = { minValueChars: 8, minLineChars: 16, areLinesMixed: true };
const ONE_WORD = /^\p{L}?(?:\p{Ll}*|\p{Lu}*)$/u;
const MAX_WORD_CHARS = 20;

/**
 * Keeps the values of the vault out of texts: each is replaced by its name, in whatever encoding it stands there. What it
 * holds are fingerprints; values are read when a text is to be cleaned for the first time, and after they have changed, and
 * are let go as soon as their fingerprints are taken. Without secrets it holds nothing.
 */
export class VaultGuard implements TextGuard {
	#loaded: { readonly count: number; readonly cleaner: TextCleaner } | undefined;
	#loading: Promise<TextCleaner> | undefined;
	#problem: string | undefined;

	constructor(private readonly options: VaultGuardOptions) {}

	async ready(): Promise<TextCleaner> {
		if (this.#loaded?.count === this.options.vault.changeCount()) return this.#loaded.cleaner;
		this.#loading ??= this.#load().finally(() => {
			this.#loading = undefined;
		});
		return this.#loading;
	}

	/**
	 * Clean a text by what was known last, for those who cannot wait. Before `ready` was called for the first time nothing
	 * is; what changes after that is known a moment later.
	 */
	clean(text: string): Cleaned {
		if (this.#loaded && this.#loaded.count !== this.options.vault.changeCount()) void this.ready();
		return (this.#loaded?.cleaner ?? noCleaner).clean(text);
	}

	async #load(): Promise<TextCleaner> {
		const { vault, world, onProblem } = this.options;
		try {
			let count: number;
			let cleaner: TextCleaner;
			do {
				count = vault.changeCount();
				cleaner = await cleanerOf(await vault.values(), world);
			} while (count !== vault.changeCount());
			this.#loaded = { count, cleaner };
			this.#problem = undefined;
			return cleaner;
		} catch (error) {
			const problem = messageOf(error);
			if (problem !== this.#problem) onProblem(problem);
			this.#problem = problem;
			// Those that were known still are.
			return this.#loaded?.cleaner ?? noCleaner;
		}
	}
}

async function cleanerOf(
	values: ReadonlyMap<string, string>,
	world: Pick<World, "random" | "timers">,
): Promise<TextCleaner> {
	const guarded = [...values].filter(([, value]) => !isOneWord(value));
	const names = guarded.map(([name]) => name);
	const texts = guarded.map(([, value]) => value);
	const finder = await ValueFinder.of(texts, LIMITS, world);
	if (!finder) return noCleaner;
	const nameOf = (value: number) => names[value] ?? "";
	return {
		clean(text) {
			const { text: cleaned, found } = replaceValues(text, finder, (value) => `[secret:${nameOf(value)}]`);
			return { text: cleaned, found: [...found].map(nameOf) };
		},
	};
}

function isOneWord(value: string): boolean {
	const word = value.trim();
	return word.length < MAX_WORD_CHARS && ONE_WORD.test(word);
}
