/**
 * Distances between one 1-bit code and many, for the vector index. AssemblyScript, compiled to WebAssembly with SIMD by
 * `npm run build:kernel`; `src/vector/plain-kernel.ts` says the same in plain TypeScript and is what tests hold this
 * against. All addresses are into the imported memory; nothing is allocated here.
 */

/** A vector that must not be found; larger than any real distance. */
const EXCLUDED: u16 = 0xffff;

/** Popcounts of bytes add up to at most 8 each, so this many fit into an 8-bit lane. */
const BLOCKS_PER_LANE_SUM: i32 = 31;

/**
 * For each of `count` codes of `blocks` x 16 bytes write its Hamming distance from the query to `distances` (u16) and
 * count it in `histogram` (u32 for each distance). Codes whose bit in `allowed` is 0 get EXCLUDED and are not counted.
 */
export function scan(
	codes: usize,
	count: i32,
	blocks: i32,
	query: usize,
	allowed: usize,
	distances: usize,
	histogram: usize,
): void {
	let code = codes;
	const stride = <usize>blocks << 4;
	for (let at = 0; at < count; at++, code += stride) {
		const slot = distances + (<usize>at << 1);
		if (((load<u8>(allowed + (<usize>at >> 3)) >> (<u8>at & 7)) & 1) == 0) {
			store<u16>(slot, EXCLUDED);
			continue;
		}
		const distance = distanceOf(code, query, blocks);
		store<u16>(slot, <u16>distance);
		const counter = histogram + (<usize>distance << 2);
		store<u32>(counter, load<u32>(counter) + 1);
	}
}

/** Write the positions of distances below `threshold` and, as far as `limit` allows, of those equal to it. */
export function collect(distances: usize, count: i32, threshold: u16, limit: i32, out: usize): i32 {
	const bound = i16x8.splat(<i16>threshold);
	let found = 0;
	let at = 0;
	for (; at + 8 <= count; at += 8) {
		const lanes = v128.load(distances + (<usize>at << 1));
		if (!v128.any_true(i16x8.le_u(lanes, bound))) continue;
		for (let lane = 0; lane < 8; lane++) {
			if (load<u16>(distances + (<usize>(at + lane) << 1)) >= threshold) continue;
			store<u32>(out + (<usize>found << 2), at + lane);
			found++;
		}
	}
	for (; at < count; at++) {
		if (load<u16>(distances + (<usize>at << 1)) >= threshold) continue;
		store<u32>(out + (<usize>found << 2), at);
		found++;
	}
	for (at = 0; at < count && found < limit; at++) {
		if (load<u16>(distances + (<usize>at << 1)) != threshold) continue;
		store<u32>(out + (<usize>found << 2), at);
		found++;
	}
	return found;
}

// @ts-ignore: decorator
@inline
function distanceOf(code: usize, query: usize, blocks: i32): i32 {
	let total = i32x4.splat(0);
	let block = 0;
	while (block < blocks) {
		const end = min(blocks, block + BLOCKS_PER_LANE_SUM);
		let lanes = i8x16.splat(0);
		for (; block < end; block++) {
			const offset = <usize>block << 4;
			lanes = i8x16.add(lanes, i8x16.popcnt(v128.xor(v128.load(code + offset), v128.load(query + offset))));
		}
		total = i32x4.add(total, i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(lanes)));
	}
	return (
		i32x4.extract_lane(total, 0) +
		i32x4.extract_lane(total, 1) +
		i32x4.extract_lane(total, 2) +
		i32x4.extract_lane(total, 3)
	);
}
