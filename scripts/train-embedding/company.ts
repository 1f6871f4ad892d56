import { isStopWord } from "../../packages/search/src/lexical/stop-words.ts";
import { tokenise } from "../../packages/search/src/lexical/tokenise.ts";
import type { Dictionary } from "./dictionary.ts";
import { type Block, Counts } from "./sparse.ts";
import type { Trigrams } from "./trigrams.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** "You shall know a word by the company it keeps" (Firth 1957): what each word is seen with, by source. */

/** How far apart two words of a text may stand, words that say nothing not counted. */
const WINDOW = 12;
/** Seen together once at a distance: chance. */
const CHANCE = 0.6;

/** Likelihoods in the unit of counts, so that one is far above a chance meeting. */
const TALK_SCALE = 1e9;
const TALK_DISCOUNT = 30;

/** Contexts are a little less rare than they seem (Levy, Goldberg and Dagan 2015). */
const SMOOTHING = 0.75;

export function companyInTalk({ words, each }: Trigrams, vocabulary: Vocabulary): Block[] {
	const ids = words.map((word) => {
		const [first] = word.startsWith("<") ? [] : tokenise(word.replace(/'s$/, ""));
		return first === undefined ? undefined : vocabulary.ids.get(first);
	});
	const isEmpty = vocabulary.words.map((word) => isStopWord(word));
	const before = new Counts();
	const after = new Counts();
	const near = new Counts();
	each(
		(first, second, likely) => {
			const [a, b] = [ids[first], ids[second]];
			if (a === undefined || b === undefined) return;
			before.add(b, a, likely * TALK_SCALE);
			after.add(a, b, likely * TALK_SCALE);
		},
		(first, third, likely) => {
			const [a, b] = [ids[first], ids[third]];
			if (a === undefined || b === undefined || isEmpty[a] || isEmpty[b]) return;
			near.add(a, b, likely * TALK_SCALE);
			near.add(b, a, likely * TALK_SCALE);
		},
	);
	return [
		association(before, { weight: 1, discount: TALK_DISCOUNT }),
		association(after, { weight: 1, discount: TALK_DISCOUNT }),
		association(near, { weight: 0.7, discount: TALK_DISCOUNT }),
	];
}

export function companyInTexts(texts: readonly (readonly string[])[], vocabulary: Vocabulary): Block[] {
	const counts = new Counts();
	for (const text of texts) {
		const ids = vocabulary.contentIds(text);
		for (const [at, first] of ids.entries()) {
			for (const [distance, second] of ids.slice(at + 1, at + 1 + WINDOW).entries()) {
				if (first === second) continue;
				const amount = 1 / Math.sqrt(distance + 1);
				counts.add(first, second, amount);
				counts.add(second, first, amount);
			}
		}
	}
	return [association(counts, { weight: 1, discount: 2, above: CHANCE })];
}

/** Meanings that words share, the words that explain them, and what explains the same meaning. */
export function companyInDictionary({ meanings, entries }: Dictionary, vocabulary: Vocabulary): Block[] {
	const shared = new Counts();
	const explained = new Counts();
	const together = new Counts();
	const columns = new Map([...meanings.keys()].map((id, column) => [id, column]));
	const addMeaning = (row: number, id: string, amount: number) => shared.add(row, columns.get(id) ?? 0, amount);

	for (const entry of entries) {
		const rows = vocabulary.contentIds(entry.words);
		// An expression of several words says less about each of them, and a rare meaning less than the usual one.
		const share = entry.words.filter((word) => !isStopWord(word)).length > 1 ? 0.3 : 1;
		for (const [rank, id] of entry.meanings.entries()) {
			const meaning = meanings.get(id);
			if (!meaning) continue;
			const amount = share / (rank + 1);
			for (const row of rows) {
				addMeaning(row, id, 2 * amount);
				for (const above of meaning.above) {
					addMeaning(row, above, amount);
					for (const highest of meanings.get(above)?.above ?? []) addMeaning(row, highest, 0.4 * amount);
				}
				for (const beside of meaning.beside) addMeaning(row, beside, 0.5 * amount);
				for (const word of new Set(vocabulary.contentIds(meaning.gloss))) {
					if (word === row) continue;
					explained.add(row, word, amount);
					explained.add(word, row, 0.5 * amount);
				}
				for (const word of vocabulary.contentIds(meaning.expressions.flat())) {
					if (word !== row) explained.add(row, word, 2 * amount);
				}
			}
		}
	}
	for (const { gloss } of meanings.values()) {
		const ids = [...new Set(vocabulary.contentIds(gloss))];
		for (const a of ids) for (const b of ids) if (a !== b) together.add(a, b, 1);
	}
	return [
		association(shared, { weight: 1, discount: 0, smoothing: 1 }),
		association(explained, { weight: 1, discount: 0.3 }),
		association(together, { weight: 0.7, discount: 1 }),
	];
}

interface AssociationOptions {
	/** How long rows are on average, those without an entry left out. */
	readonly weight: number;
	/** A sum s counts s / (s + discount) times: what was seen little is believed little. */
	readonly discount: number;
	readonly smoothing?: number;
	readonly above?: number;
}

/** Positive pointwise mutual information: how much oftener two are seen together than by chance, as a logarithm. */
function association(
	counts: Counts,
	{ weight, discount, smoothing = SMOOTHING, above = 0 }: AssociationOptions,
): Block {
	const entries = [...counts.entries(above)];
	const ofRow: number[] = [];
	const ofColumn: number[] = [];
	for (const { row, column, sum } of entries) {
		ofRow[row] = (ofRow[row] ?? 0) + sum;
		ofColumn[column] = (ofColumn[column] ?? 0) + sum;
	}
	const smoothed = ofColumn.map((sum) => sum ** smoothing);
	// Sparse on purpose: `reduce` passes over columns that have nothing.
	const total = smoothed.reduce((all, sum) => all + sum, 0);
	const kept = entries.flatMap(({ row, column, sum }) => {
		const value = Math.log(sum / (ofRow[row] ?? 1)) - Math.log((smoothed[column] ?? 1) / total);
		return value > 0 ? [{ row, column, value: (value * sum) / (sum + discount) }] : [];
	});
	const squares: number[] = [];
	for (const { row, value } of kept) squares[row] = (squares[row] ?? 0) + value * value;
	const lengths = squares.flatMap((square) => Math.sqrt(square));
	const scale = (weight * lengths.length) / lengths.reduce((all, length) => all + length, 0);
	return {
		columns: ofColumn.length,
		rowOf: Uint32Array.from(kept, ({ row }) => row),
		columnOf: Uint32Array.from(kept, ({ column }) => column),
		values: Float32Array.from(kept, ({ value }) => value * scale),
	};
}
