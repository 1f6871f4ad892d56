import { describe, expect, test } from "bun:test";
import { cosineSimilarity } from "../vector/similarity.ts";
import {
	blend,
	boostLinked,
	boostRehearsed,
	normaliseKeywordScores,
	type ReferenceCandidate,
	rerank,
} from "./reference.ts";

/** Worked examples of the contract, document 02, section 12: raw scores of the word `editor` and vectors of F1. */
const EDITOR = [
	{ id: "h", score: 0.6629115148231506 },
	{ id: "b", score: 0.5056104774074878 },
	{ id: "a", score: 0.4201551854512927 },
];
const SIMILAR = new Map([
	["a", 1],
	["b", 0.800000011920929],
	["g", 0.6000000238418579],
	["c", 0],
	["d", 0],
	["e", 0],
	["f", 0],
]);
const round = (score: number) => Math.round(score * 100) / 100;
const shown = (candidates: readonly ReferenceCandidate[]) =>
	candidates.map(({ id, score, source }) => `${id} ${round(score)} ${source}`);

describe("blend", () => {
	const keyword = normaliseKeywordScores(EDITOR);

	test("example 3: both legs with alpha 0.7", () => {
		const blended = blend(keyword, SIMILAR, { alpha: 0.7, minScore: 0.1 });
		expect(shown(blended)).toEqual(["a 0.83 hybrid", "b 0.71 hybrid", "h 0.66 keyword", "g 0.6 vector"]);
		expect(blended[0]?.score).toBeCloseTo(0.8260465556, 6);
		expect(blended[1]?.score).toBeCloseTo(0.7116831516, 6);
	});

	test("example 4: alpha 0.3", () => {
		const blended = blend(keyword, SIMILAR, { alpha: 0.3, minScore: 0.1 });
		expect(shown(blended)).toEqual(["h 0.66 keyword", "g 0.6 vector", "a 0.59 hybrid", "b 0.59 hybrid"]);
		expect(blended[2]?.score).toBeCloseTo(0.5941086298, 6);
	});

	test("example 5: words alone, and the divisor above 1", () => {
		expect(shown(blend(keyword, new Map(), { alpha: 0.7, minScore: 0.1 }))).toEqual([
			"h 0.66 keyword",
			"b 0.51 keyword",
			"a 0.42 keyword",
		]);
		const withDatabase = normaliseKeywordScores([{ id: "d", score: 1.8003881732313667 }, ...EDITOR]);
		expect(shown(blend(withDatabase, new Map(), { alpha: 0.7, minScore: 0.1 }))).toEqual([
			"d 1 keyword",
			"h 0.37 keyword",
			"b 0.28 keyword",
			"a 0.23 keyword",
		]);
	});

	test("example 9: with no least score what has none is kept, as found by words", () => {
		const blended = blend(keyword, SIMILAR, { alpha: 0.7, minScore: 0 });
		expect(blended).toHaveLength(8);
		expect(blended.slice(4).every(({ score, source }) => score === 0 && source === "keyword")).toBe(true);
	});
});

describe("rerank", () => {
	const blended = blend(normaliseKeywordScores(EDITOR), SIMILAR, { alpha: 0.7, minScore: 0.1 });

	test("example 10: places become scores", () => {
		expect(shown(rerank(blended, SIMILAR, 20))).toEqual([
			"a 1 hybrid",
			"b 0.75 hybrid",
			"h 0.5 keyword",
			"g 0.25 vector",
		]);
		const wordsAlone = blend(normaliseKeywordScores(EDITOR), new Map(), { alpha: 0.7, minScore: 0.1 });
		expect(rerank(wordsAlone, undefined, 20).map(({ score }) => round(score))).toEqual([1, 0.67, 0.33]);
	});

	test("example 11: the tail keeps its scores", () => {
		expect(rerank(blended, SIMILAR, 2).map(({ id, score }) => `${id} ${round(score)}`)).toEqual([
			"a 1",
			"h 0.66",
			"g 0.6",
			"b 0.5",
		]);
	});

	test("example 12: the tail overtakes the head", () => {
		const similarities = new Map(
			Array.from({ length: 26 }, (_, i) => [`m${String(i).padStart(2, "0")}`, i === 25 ? 0.6500001 : 0.9 - i / 100]),
		);
		const order = rerank(blend(new Map(), similarities, { alpha: 0.7, minScore: 0.1 }), similarities, 20).map(
			({ id }) => id,
		);
		expect(order.slice(0, 16).join(" ")).toBe("m00 m01 m02 m03 m04 m05 m06 m20 m21 m22 m23 m24 m25 m07 m08 m09");
	});

	test("example 24: the blend with the cosine", () => {
		const candidates: ReferenceCandidate[] = [
			{ id: "x", score: 0.95, source: "vector" },
			{ id: "y", score: 0.9, source: "vector" },
			{ id: "z", score: 0.91, source: "keyword" },
		];
		const cosines = new Map([
			["x", 0.8],
			["y", 1],
		]);
		expect(rerank(candidates, cosines, 3).map(({ id }) => id)).toEqual(["y", "z", "x"]);
	});
});

describe("fixture F2", () => {
	const similarities = new Map([
		["s", 0.95],
		["q", 0.9],
		["p", 0.8],
		["r", 0.7],
		["t", 0.5],
		["u", 0.4],
	]);
	const nowMs = Date.UTC(2026, 1, 1);
	const daysAgo = (days: number) => nowMs - days * 86_400_000;
	const rehearsals = new Map([
		["s", { accessCount: 100, lastAccessedMs: nowMs }],
		["p", { accessCount: 9, lastAccessedMs: daysAgo(15) }],
		["r", { accessCount: 3, lastAccessedMs: undefined }],
		["t", { accessCount: 1, lastAccessedMs: daysAgo(60) }],
		["u", { accessCount: -5, lastAccessedMs: undefined }],
	]);
	const blended = blend(new Map(), similarities, { alpha: 0.7, minScore: 0.1 });
	const scores = (candidates: readonly ReferenceCandidate[]) =>
		Object.fromEntries(candidates.map(({ id, score }) => [id, score]));

	test("example 13: rehearsal", () => {
		const boosted = scores(boostRehearsed(blended, rehearsals, { weight: 0.1, halfLifeDays: 30, nowMs }));
		expect(boosted.s).toBeCloseTo(1.38843645, 6);
		expect(boosted.p).toBeCloseTo(0.93025388, 6);
		expect(boosted.r).toBeCloseTo(0.7485203, 6);
		expect(boosted.t).toBeCloseTo(0.50866434, 6);
		expect(boosted.u).toBe(0.4);
		const strong = scores(boostRehearsed(blended, rehearsals, { weight: 0.5, halfLifeDays: 7, nowMs }));
		expect([strong.s, strong.p, strong.r].map((score) => round(score ?? 0))).toEqual([3.14, 1.01, 0.94]);
	});

	test("example 14: graph", () => {
		const boosted = scores(boostLinked(blended, new Set(["p", "s", "t"]), 0.15));
		expect([boosted.s, boosted.q, boosted.p, boosted.t].map((score) => round(score ?? 0))).toEqual([
			0.96, 0.9, 0.83, 0.57,
		]);
	});

	test("example 15: everything", () => {
		const rehearsed = boostRehearsed(blended, rehearsals, { weight: 0.1, halfLifeDays: 30, nowMs });
		const linked = boostLinked(rehearsed, new Set(["p", "s", "t"]), 0.15);
		expect(shown(rerank(linked, similarities, 20)).map((line) => line.slice(0, -7))).toEqual([
			"s 1",
			"q 0.83",
			"p 0.67",
			"r 0.5",
			"t 0.33",
			"u 0.17",
		]);
	});
});

test("example 22: cosine", () => {
	expect(cosineSimilarity([1, 2, 3], [4, 5, 6])).toBeCloseTo(0.9746318462, 9);
	expect(cosineSimilarity([1, 0], [0, 0])).toBe(0);
});
