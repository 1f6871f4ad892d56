import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { isStopWord, WORDS } from "./stop-words.ts";
import { stem, tokenise } from "./tokenise.ts";

describe("tokenise", () => {
	test.each([
		["Kept logs, keeping LOGS", ["keep", "log", "keep", "log"]],
		["don't restart node-7", ["don", "t", "don't", "restart", "node", "7", "node-7"]],
		["We deploy; the deployment, deployed", ["we", "deploi", "the", "deploi", "deploi"]],
		["zero\u200bwidth, soft\u00adhyphen\ufeff", ["zerowidth", "softhyphen"]],
		["feature-flags", ["featur", "flag", "feature-flags", "featureflag"]],
		["The stand-up went to two children", ["the", "stand", "up", "stand-up", "standup", "go", "to", "2", "child"]],
		["build/web", ["build", "web", "build/web"]],
		["ops@example.org", ["op", "exampl", "org", "ops@example.org"]],
		["parser 2.14.", ["parser", "2", "14", "2.14"]],
		["C++ and C#", ["c", "c++", "and", "c", "c#"]],
		["getUserById", ["get", "user", "by", "id", "getuserbyid"]],
		["HTTPServer", ["http", "server", "httpserver"]],
		["macOS and ClickHouse", ["mac", "os", "maco", "and", "click", "hous", "clickhous"]],
		["HTTP Server", ["http", "server"]],
		["snake_case_name", ["snake", "case", "name", "snake_case_name"]],
		["E1234", ["e", "1234", "e1234"]],
		["Caroline's book", ["carolin", "book"]],
		["Rédis café", ["redi", "cafe"]],
		["日本語 x", ["日本", "本語", "x"]],
		["東", ["東"]],
		["Docker環境", ["docker", "環境"]],
		["サーバーのsetUp", ["サー", "ーハ", "ハー", "ーの", "set", "up", "setup"]],
		["2024年5月", ["2024", "年", "5", "月"]],
		["10:56 on 8 May, 2023", ["10", "56", "10:56", "on", "8", "mai", "2023"]],
		["?!", []],
		["", []],
	])("%p gives %p", (text, words) => {
		expect(tokenise(text)).toEqual(words);
	});

	test("case and accents make no difference", () => {
		fc.assert(
			fc.property(fc.stringMatching(/^[a-zé]{1,10}( [a-zé]{1,10}){0,4}$/), (text) => {
				expect(tokenise(text.toUpperCase())).toEqual(tokenise(text));
				expect(tokenise(text.replaceAll("é", "e"))).toEqual(tokenise(text));
			}),
		);
	});

	test("however a name is capitalised, its small letters find it", () => {
		fc.assert(
			fc.property(fc.stringMatching(/^[A-Za-z]{1,20}$/), (name) => {
				const [small = ""] = tokenise(name.toLowerCase());
				expect(tokenise(name)).toContain(small);
			}),
		);
	});

	test("whatever the text, words are short and hold no white space, quotes or brackets", () => {
		fc.assert(
			fc.property(fc.string({ unit: "grapheme" }), (text) => {
				for (const word of tokenise(text)) {
					expect(word).toMatch(/^[^\s"()*^]{1,64}$/u);
				}
			}),
		);
	});

	test("a word that occurs in a text is found by itself", () => {
		fc.assert(
			fc.property(fc.stringMatching(/^[A-Za-z0-9_.-]{1,20}$/), (word) => {
				const inText = new Set(tokenise(`before ${word} after`));
				for (const token of tokenise(word)) expect(inText).toContain(token);
			}),
		);
	});
});

test("stop words are recognised in the form in which they are indexed", () => {
	for (const word of WORDS.split(" ")) expect([word, isStopWord(stem(word))]).toEqual([word, true]);
	for (const token of tokenise("restart the production cluster")) expect(isStopWord(token)).toBe(token === "the");
});
