import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { CodeScanner } from "./code-scanner.ts";
import { EXCLUDED, instantiateKernel, Layout, newMemory } from "./kernel.ts";
import { collect, estimate, scan } from "./plain-kernel.ts";

/** What the kernel must answer, computed in plain TypeScript. */
function nearestPlainly(codes: Uint8Array[], query: Uint8Array, limit: number, allowed: Uint8Array): number[] {
	const bytes = query.length;
	const distances = new Uint16Array(codes.length);
	const histogram = new Uint32Array(bytes * 8 + 1);
	const flat = new Uint8Array(codes.length * bytes);
	for (const [at, code] of codes.entries()) flat.set(code, at * bytes);
	scan(flat, codes.length, bytes, query, allowed, distances, histogram);
	const wanted = Math.min(limit, codes.length);
	let within = 0;
	let threshold = histogram.findIndex((count) => {
		within += count;
		return within >= wanted;
	});
	if (threshold < 0) threshold = EXCLUDED - 1;
	const out = new Uint32Array(codes.length + 1);
	return [...out.subarray(0, collect(distances, codes.length, threshold, wanted, out))];
}

const bytes = fc.constantFrom(16, 32, 96, 128, 512);
const filled = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

describe("nearest", () => {
	test("agrees with the plain kernel on any codes, filter and limit", () => {
		const scenario = bytes.chain((length) =>
			fc.record({
				codes: fc.array(filled(length), { maxLength: 70 }),
				query: filled(length),
				limit: fc.integer({ min: 0, max: 80 }),
				allowed: filled(16),
				isFiltered: fc.boolean(),
			}),
		);
		fc.assert(
			fc.property(scenario, ({ codes, query, limit, allowed, isFiltered }) => {
				const scanner = new CodeScanner(query.length);
				for (const code of codes) scanner.push(code);
				const isAllowed = (at: number) => (((allowed[at >> 3] ?? 0) >> (at & 7)) & 1) === 1;
				const found = scanner.nearest(query, limit, isFiltered ? isAllowed : undefined);
				const bitmap = isFiltered ? allowed : new Uint8Array(16).fill(0xff);
				expect([...found]).toEqual(limit === 0 ? [] : nearestPlainly(codes, query, limit, bitmap));
			}),
		);
	});

	test("keeps every code while it grows", () => {
		const scanner = new CodeScanner(16);
		const codeOf = (n: number) => Uint8Array.from({ length: 16 }, (_, at) => (n >> ((at % 4) * 8)) & 0xff);
		for (let n = 0; n < 5000; n++) scanner.push(codeOf(n));
		for (const n of [0, 1023, 1024, 4999]) expect([...scanner.nearest(codeOf(n), 1)]).toEqual([n]);
	});
});

test("both ways to count bits give the plain distances", () => {
	const scenario = bytes.chain((length) =>
		fc.record({
			codes: fc.array(filled(length), { maxLength: 40 }),
			query: filled(length),
			allowed: fc.option(filled(8)),
		}),
	);
	fc.assert(
		fc.property(scenario, ({ codes, query, allowed }) => {
			const { length } = query;
			const bitmap = allowed ?? new Uint8Array(8).fill(0xff);
			const flat = Uint8Array.from(codes.flatMap((code) => [...code]));
			const layout = new Layout();
			const [codesAt, queryAt, allowedAt] = [layout.take(flat.length + 16), layout.take(length), layout.take(8)];
			const [distancesAt, histogramAt] = [layout.take(2 * codes.length + 2), layout.take(4 * (8 * length + 1))];
			const expected = new Uint16Array(codes.length);
			scan(flat, codes.length, length, query, bitmap, expected, new Uint32Array(8 * length + 1));
			for (const name of ["scan", "scanByWords"] as const) {
				const memory = newMemory(layout.end);
				const all = new Uint8Array(memory.buffer);
				all.set(flat, codesAt);
				all.set(query, queryAt);
				all.set(bitmap, allowedAt);
				const kernel = instantiateKernel(memory);
				const filter = allowed ? allowedAt : 0;
				kernel[name](codesAt, codes.length, length / 16, queryAt, filter, distancesAt, histogramAt);
				expect(new Uint16Array(memory.buffer, distancesAt, codes.length)).toEqual(expected);
				const counted = new Uint32Array(memory.buffer, histogramAt, 8 * length + 1).reduce((sum, n) => sum + n, 0);
				expect(counted).toBe(expected.filter((distance) => distance !== EXCLUDED).length);
			}
		}),
		{ numRuns: 60 },
	);
});

test("removing and adding in any order leaves exactly the codes that were not removed", () => {
	fc.assert(
		fc.property(fc.array(fc.oneof(filled(16), fc.nat(30)), { maxLength: 60 }), (steps) => {
			const scanner = new CodeScanner(16);
			const model: Uint8Array[] = [];
			for (const step of steps) {
				if (typeof step !== "number") {
					scanner.push(step);
					model.push(step);
				} else if (step < model.length) {
					scanner.removeAt(step);
					const last = model.pop();
					if (last && step < model.length) model[step] = last;
				}
			}
			expect([...scanner.codes]).toEqual(model.flatMap((code) => [...code]));
		}),
	);
});

test("estimates are the product of the query's numbers with the signs that codes keep, as a cosine", () => {
	const scenario = bytes.chain((length) =>
		fc.record({
			codes: fc.array(filled(length), { minLength: 1, maxLength: 20 }),
			query: fc.array(fc.integer({ min: -100, max: 100 }), { minLength: length * 8, maxLength: length * 8 }),
		}),
	);
	fc.assert(
		fc.property(scenario, ({ codes, query }) => {
			const [{ length } = new Uint8Array()] = codes;
			const scanner = new CodeScanner(length);
			for (const code of codes) scanner.push(code);
			const turned = Float32Array.from(query);
			const size = Math.hypot(...query) || 1;
			const expected = codes.map((code) => (estimate(turned, code) / size) * Math.sqrt(Math.PI / (16 * length)));
			const positions = Uint32Array.from(codes, (_, at) => at);
			scanner.ask(turned);
			scanner.estimates(positions).forEach((value, at) => {
				expect(value).toBeCloseTo(expected[at] ?? Number.NaN, 3);
			});
		}),
		{ numRuns: 50 },
	);
});

test("refuses codes of another length and positions that are not there", () => {
	const scanner = new CodeScanner(16);
	expect(() => scanner.push(new Uint8Array(8))).toThrow(RangeError);
	expect(() => scanner.removeAt(0)).toThrow(RangeError);
	expect(() => new CodeScanner(20)).toThrow(RangeError);
});
