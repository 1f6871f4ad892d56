/** What the WebAssembly kernel does, in plain TypeScript: the oracle of its tests. */

import { EXCLUDED } from "./kernel.ts";

/** As `scan` of `kernel/codes.ts`. */
export function scan(
	codes: Uint8Array,
	count: number,
	codeBytes: number,
	query: Uint8Array,
	allowed: Uint8Array,
	distances: Uint16Array,
	histogram: Uint32Array,
): void {
	for (let at = 0; at < count; at++) {
		if ((((allowed[at >> 3] ?? 0) >> (at & 7)) & 1) === 0) {
			distances[at] = EXCLUDED;
			continue;
		}
		let distance = 0;
		for (let byte = 0; byte < codeBytes; byte++) {
			distance += popcount((codes[at * codeBytes + byte] ?? 0) ^ (query[byte] ?? 0));
		}
		distances[at] = distance;
		histogram[distance] = (histogram[distance] ?? 0) + 1;
	}
}

/** As `collect` of `kernel/codes.ts`. */
export function collect(
	distances: Uint16Array,
	count: number,
	threshold: number,
	limit: number,
	out: Uint32Array,
): number {
	let found = 0;
	for (let at = 0; at < count; at++) if ((distances[at] ?? EXCLUDED) < threshold) out[found++] = at;
	for (let at = 0; at < count && found < limit; at++) if (distances[at] === threshold) out[found++] = at;
	return found;
}

function popcount(byte: number): number {
	const pairs = byte - ((byte >> 1) & 0x55);
	const quads = (pairs & 0x33) + ((pairs >> 2) & 0x33);
	return (quads + (quads >> 4)) & 0x0f;
}

/** As `turn` of `kernel/codes.ts`. */
export function turn(numbers: Float32Array, factors: Float32Array, start: number, span: number): void {
	for (let at = 0; at < numbers.length; at++) numbers[at] = (numbers[at] ?? 0) * (factors[at] ?? 0);
	for (let half = 1; half < span; half *= 2) {
		for (let block = start; block < start + span; block += 2 * half) {
			for (let at = block; at < block + half; at++) {
				const a = numbers[at] ?? 0;
				const b = numbers[at + half] ?? 0;
				numbers[at] = a + b;
				numbers[at + half] = a - b;
			}
		}
	}
}

/** As `encode` of `kernel/codes.ts`. */
export function encode(numbers: Float32Array): Uint8Array<ArrayBuffer> {
	const code = new Uint8Array(numbers.length / 8);
	for (let at = 0; at < numbers.length; at++) {
		if ((numbers[at] ?? 0) > 0) code[at >> 3] = (code[at >> 3] ?? 0) | (1 << (at & 7));
	}
	return code;
}

/** As `tabulate` and `estimate` of `kernel/codes.ts` for one code. */
export function estimate(numbers: Float32Array, code: Uint8Array): number {
	return numbers.reduce((sum, x, at) => sum + ((((code[at >> 3] ?? 0) >> (at & 7)) & 1) === 1 ? x : -x), 0);
}

/** As `compare` of `kernel/codes.ts` for one vector: its cosine with a query of any length; 0 without a direction. */
export function compactSimilarity(query: Float32Array, bytes: Uint8Array): number {
	let dot = 0;
	let squareA = 0;
	let squareB = 0;
	for (let at = 0; at < query.length; at++) {
		const x = query[at] ?? 0;
		const y = ((bytes[at] ?? 0) << 24) >> 24;
		dot += x * y;
		squareA += x * x;
		squareB += y * y;
	}
	const cosine = dot / Math.sqrt(squareA * squareB);
	return Number.isFinite(cosine) ? cosine : 0;
}
