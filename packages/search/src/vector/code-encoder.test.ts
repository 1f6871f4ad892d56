import { expect, test } from "bun:test";
import fc from "fast-check";
import { normalNumbers } from "../testing/vectors.ts";
import { encoderOf } from "./code-encoder.ts";
import { instantiateKernel, Layout, newMemory } from "./kernel.ts";
import * as plain from "./plain-kernel.ts";
import { cosineSimilarity } from "./similarity.ts";

const numbers = (length: number, seed: number) => Float32Array.from({ length }, normalNumbers(seed));

test("turning keeps lengths and angles", () => {
	fc.assert(
		fc.property(fc.integer({ min: 1, max: 2000 }), fc.integer(), (dimensions, seed) => {
			const a = numbers(dimensions, seed);
			const b = numbers(dimensions, seed + 1);
			const encoder = encoderOf(dimensions);
			const turnedA = encoder.turn(a).slice();
			expect(Math.hypot(...turnedA)).toBeCloseTo(Math.hypot(...a), 2);
			expect(cosineSimilarity(turnedA, encoder.turn(b))).toBeCloseTo(cosineSimilarity(a, b), 4);
			expect(encoder.bits % 128).toBe(0);
		}),
		{ numRuns: 30 },
	);
});

test("the kernel turns and encodes as the plain one does", () => {
	const scenario = fc.record({
		blocks: fc.integer({ min: 1, max: 12 }),
		spanExponent: fc.integer({ min: 2, max: 7 }),
		seed: fc.integer(),
	});
	fc.assert(
		fc.property(scenario, ({ blocks, spanExponent, seed }) => {
			const count = blocks * 128;
			const span = 2 ** spanExponent;
			const start = count - span;
			const layout = new Layout();
			const [at, factorsAt, codeAt] = [layout.take(count * 4), layout.take(count * 4), layout.take(count / 8)];
			const memory = newMemory(layout.end);
			const turned = new Float32Array(memory.buffer, at, count);
			turned.set(numbers(count, seed));
			const expected = turned.slice();
			const factors = numbers(count, seed + 1);
			new Float32Array(memory.buffer, factorsAt, count).set(factors);
			const kernel = instantiateKernel(memory);
			kernel.turn(at, factorsAt, count, start, span);
			plain.turn(expected, factors, start, span);
			expect(turned).toEqual(expected);
			kernel.encode(at, count, codeAt);
			expect(new Uint8Array(memory.buffer, codeAt, count / 8)).toEqual(plain.encode(expected));
		}),
	);
});

test("codes do not change from one release to the next", () => {
	const code = encoderOf(3).encode(Float32Array.of(1, -2, 0.5));
	expect(Buffer.from(code).toString("hex").slice(0, 32)).toMatchSnapshot();
});
