import { expect, test } from "bun:test";
import { mulberry32 } from "@signet/core";
import fc from "fast-check";
import { clusteredVectors } from "../testing/vectors.ts";
import { alignTo } from "./align.ts";
import { layOut } from "./layout.ts";
import { nearestPairs } from "./neighbours.ts";
import { principalAxes } from "./principal-axes.ts";
import { Sample } from "./sample.ts";

const places = (dimensions: 2 | 3) =>
	fc.array(fc.tuple(...Array.from({ length: dimensions }, () => fc.integer({ min: -210, max: 210 }))), {
		minLength: 1,
		maxLength: 60,
	});

const square = (a: readonly number[], b: readonly number[]) =>
	a.reduce((sum, x, axis) => sum + (x - (b[axis] ?? 0)) ** 2, 0);

for (const dimensions of [2, 3] as const) {
	test(`each point is tied to its four nearest, in ${dimensions} dimensions`, () => {
		fc.assert(
			fc.property(places(dimensions), (points) => {
				const edges = nearestPairs(Float32Array.from(points.flat()), dimensions);
				const tied = new Set(
					Array.from({ length: edges.length / 2 }, (_, at) => `${edges[2 * at]}-${edges[2 * at + 1]}`),
				);
				expect(tied.size).toBe(edges.length / 2);
				for (const [at, point] of points.entries()) {
					const others = points.flatMap((other, n) => (n === at ? [] : [square(point, other)])).sort((a, b) => a - b);
					const farthest = others[Math.min(4, others.length) - 1] ?? 0;
					const near = points.flatMap((other, n) => (n !== at && square(point, other) < farthest ? [n] : []));
					for (const n of near) expect(tied).toContain(`${Math.min(at, n)}-${Math.max(at, n)}`);
				}
			}),
			{ numRuns: 200 },
		);
	});
}

test.each([
	["in one place", () => 1],
	["in clusters, with one far off", (at: number) => (at === 0 ? 210 : (at % 7) + at / 1e6)],
	["all the same, with one far off", (at: number) => (at < 2 ? 210 : 0)],
])("as many points as there may be, %s, are tied in time", (_, place) => {
	const points = Float32Array.from({ length: 2 * 50_000 }, (_, at) => place(at));
	const begunAt = performance.now();
	expect(nearestPairs(points, 2).length).toBeGreaterThan(2 * 50_000);
	expect(performance.now() - begunAt).toBeLessThan(10_000);
});

test("those of a sample that are most like a vector are found, wherever it lies", () => {
	const coordinates = fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 12, maxLength: 12 });
	fc.assert(
		fc.property(fc.array(coordinates, { minLength: 1, maxLength: 40 }), coordinates, (vectors, vector) => {
			const found = new Sample(vectors).nearest(vector, 3);
			const squares = vectors.map((other) => square(vector, other)).sort((a, b) => a - b);
			expect(found.map((near) => near.square)).toEqual(squares.slice(0, 3));
			for (const near of found) expect(square(vector, vectors[near.at] ?? [])).toBe(near.square);
		}),
	);
});

test("a map that was turned and mirrored is turned back", () => {
	const random = mulberry32(7);
	const before = Array.from({ length: 20 }, () => [random() - 0.5, random() - 0.5]);
	const turned = before.map(([x = 0, y = 0]) => [0.6 * x - 0.8 * y + 3, -(0.8 * x + 0.6 * y) - 1]);
	const middle = [0, 1].map((axis) => before.reduce((sum, point) => sum + (point[axis] ?? 0) / before.length, 0));
	for (const [at, point] of alignTo(turned, (at) => before[at]).entries()) {
		for (const axis of [0, 1]) expect(point[axis]).toBeCloseTo((before[at]?.[axis] ?? 0) - (middle[axis] ?? 0), 6);
	}
});

test("the axes are those along which vectors differ most", () => {
	const random = mulberry32(3);
	const vectors = Array.from({ length: 200 }, () => Float32Array.of(5 + random(), 10 * random(), 100 * random(), 1));
	const reduced = vectors.map((vector) => principalAxes(vectors, 2, mulberry32(1)).reduce(vector));
	const spread = (axis: number) => {
		const values = reduced.map((place) => place[axis] ?? 0);
		return Math.max(...values) - Math.min(...values);
	};
	expect(spread(0)).toBeGreaterThan(95);
	expect(spread(1)).toBeGreaterThan(9);
	expect(spread(1)).toBeLessThan(12);
});

test("the same vectors are drawn alike each time, clusters apart from each other, within the square", () => {
	const vectors = clusteredVectors(90, { dimensions: 24, clusters: 3, spread: 0.05 }).map((vector) => [...vector]);
	const draw = () => layOut(vectors, { dimensions: 2, random: mulberry32(1) });
	const { points, edges } = draw();
	expect(draw().points).toEqual(points);
	for (const x of points) expect(Math.abs(x)).toBeLessThanOrEqual(210);
	const across = Array.from({ length: edges.length / 2 }, (_, at) => [edges[2 * at] ?? 0, edges[2 * at + 1] ?? 0]);
	expect(across.filter(([a = 0, b = 0]) => a % 3 !== b % 3)).toEqual([]);
});
