/**
 * `npm run train:embedding [-- FOLDER]`: train the word vectors of the embedded model anew. Needs Debian 12 (`apt-get`,
 * `dpkg`), 6 GB of memory and about eight minutes; downloads 150 MB into FOLDER, by default a temporary one.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { wordVectorsFile } from "../../packages/search/src/embeddings/word-vectors-file.ts";
import { tokenise } from "../../packages/search/src/lexical/tokenise.ts";
import { makeAsset } from "./asset.ts";
import { companyInDictionary, companyInTalk, companyInTexts } from "./company.ts";
import { readDictionary } from "./dictionary.ts";
import { factorise } from "./factorise.ts";
import { paragraphsOf, paragraphsOfNovels } from "./prose.ts";
import { fetchAll, MANUALS } from "./sources.ts";
import { SparseMatrix } from "./sparse.ts";
import { readTrigrams, type Trigrams } from "./trigrams.ts";
import { chooseVocabulary } from "./vocabulary.ts";
import { weighWords } from "./weights.ts";

const WORDS = 60_000;
const DIMENSIONS = 512;
/** Words rarer than this have less of a say in what the directions are: half of it at this likelihood. */
const RARE = 1e-6;

const folder = process.argv[2] ?? join(tmpdir(), "signet-embedding");
mkdirSync(folder, { recursive: true });
const startedAt = performance.now();
report("fetching into", folder);
fetchAll(folder);

const trigrams = readTrigrams(folder);
const texts = [...paragraphsOfNovels(folder), ...MANUALS.flatMap((source) => paragraphsOf(folder, source))].map(
	tokenise,
);
report("paragraphs", texts.length);
const dictionary = readDictionary(folder);
const vocabulary = chooseVocabulary({ talk: likelyInTalk(trigrams), texts, dictionary }, WORDS);
report("words", vocabulary.words.length);

const matrix = SparseMatrix.beside(vocabulary.words.length, [
	...companyInTalk(trigrams, vocabulary),
	...companyInTexts(texts, vocabulary),
	...companyInDictionary(dictionary, vocabulary),
]);
matrix.scaleRows((length, row) => {
	const likely = vocabulary.likely[row] ?? 0;
	return Math.sqrt(likely / (likely + RARE) / length);
});
report("pairs", matrix.values.length);

const vectors = factorise(matrix, DIMENSIONS);
const weights = weighWords(vocabulary, vectors, DIMENSIONS);
const bytes = makeAsset(vocabulary.words, weights, vectors, DIMENSIONS);
writeFileSync(wordVectorsFile(), bytes);
report("bytes", bytes.length);

function likelyInTalk({ words, likely }: Trigrams): Map<string, number> {
	const talk = new Map<string, number>();
	for (const [id, spelt] of words.entries()) {
		if (spelt.startsWith("<")) continue;
		for (const word of tokenise(spelt)) talk.set(word, (talk.get(word) ?? 0) + (likely[id] ?? 0));
	}
	return talk;
}

function report(what: string, figure: string | number): void {
	console.log(`${((performance.now() - startedAt) / 1000).toFixed(0).padStart(4)} s  ${what} ${figure}`);
}
