import { fold, isUnspaced } from "./tokenise.ts";

/**
 * What says nothing about what a question is about, in Japanese and Chinese, which put no spaces between words: particles,
 * pronouns, question words and the forms of `be` and `do`, by hand. Their texts are indexed as pairs of neighbouring
 * characters, so it is pairs of a question that are left out.
 */
const FUNCTION_WORDS: ReadonlySet<string> = new Set(
	// Japanese
	(
		"は が を に で と も の へ や か ね よ な から まで より だけ しか など って とは では には です でした ます ました ません ませんか でしょうか " +
		"ですか ますか だ だった いつ どこ だれ どれ どの どう どんな なに なん なぜ どうやって どうして いくつ いくら この その あの これ それ あれ ここ そこ " +
		"する した して しています している します しました される されて されます されました されています いる いた います いました いますか ある あった あります ありますか " +
		"なる なり なります という について ください わたし あなた 何 何時 何曜日 誰 私 私たち 僕 彼 彼女 " +
		// Chinese, simplified and traditional
		"的 了 吗 嗎 呢 吧 啊 是 在 我 你 您 他 她 它 我们 我們 你们 你們 他们 他們 什么 什麼 时候 時候 什么时候 什麼時候 怎么 怎麼 怎样 怎樣 为什么 為什麼 " +
		"哪 哪里 哪裡 哪儿 哪个 哪個 哪些 谁 誰 多少 几 幾 这 這 那 这个 這個 那个 那個 和 与 與 或 也 都 就 被 把 对 對 从 從 请 請"
	).split(" "),
);
const LONGEST = [...FUNCTION_WORDS].reduce((most, word) => Math.max(most, [...word].length), 0);
const RUN = /[\p{L}\p{N}]+/gu;

/**
 * Pairs of characters in a question that are only there for its grammar: those inside of function words, and those at the
 * edge of one, unless the character beside it stands in no other pair (`住` in `我住在哪里`).
 */
export function emptyPairs(text: string): ReadonlySet<string> {
	const empty = new Set<string>();
	const telling = new Set<string>();
	if (!isUnspaced(text)) return empty;
	for (const [run] of text.normalize("NFKC").toLowerCase().matchAll(RUN)) {
		const characters = [...run];
		const isFunction = functionCharacters(characters);
		for (let at = 0; at + 1 < characters.length; at++) {
			const isFirst = isFunction[at] ?? true;
			const isSecond = isFunction[at + 1] ?? true;
			// A character of a word that both its neighbours are no part of.
			const isAlone = isFirst !== isSecond && (isFunction[isFirst ? at + 2 : at - 1] ?? true);
			const isEmpty = (isFirst || isSecond) && !isAlone;
			(isEmpty ? empty : telling).add(fold(`${characters[at]}${characters[at + 1]}`));
		}
	}
	return empty.difference(telling);
}

/** For each character whether it is part of a function word; the longest that begins at a place is it. */
function functionCharacters(characters: readonly string[]): boolean[] {
	const is = characters.map(() => false);
	for (let at = 0; at < characters.length; ) {
		let length = Math.min(LONGEST, characters.length - at);
		while (length > 0 && !FUNCTION_WORDS.has(characters.slice(at, at + length).join(""))) length--;
		is.fill(true, at, at + length);
		at += Math.max(1, length);
	}
	return is;
}
