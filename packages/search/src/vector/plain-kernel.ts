/**
 * What the WebAssembly kernel does, in plain TypeScript: the oracle of its tests, and the fallback where the engine
 * has no SIMD.
 */

/** The distance of a code that is not to be found. */
export const EXCLUDED = 0xffff;

/** As `scan` of `kernel/hamming.ts`. */
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

/** As `collect` of `kernel/hamming.ts`. */
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
