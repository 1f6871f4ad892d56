/**
 * Making 1-bit codes and comparing one with many, for the vector index. AssemblyScript, compiled to WebAssembly with
 * SIMD by `npm run build:kernel`; `src/vector/plain-kernel.ts` says the same in plain TypeScript and is what tests hold
 * this against. All addresses are into the imported memory; nothing is allocated here.
 */

/** A vector that must not be found; larger than any real distance. */
const EXCLUDED: u16 = 0xffff;

/** Popcounts of bytes add up to at most 8 each, so this many fit into an 8-bit lane. */
const BLOCKS_PER_LANE_SUM: i32 = 31;

/**
 * For each of `count` codes of `blocks` x 16 bytes write its Hamming distance from the query to `distances` (u16) and
 * count it in `histogram` (u32 for each distance). Codes whose bit in `allowed` is 0 get EXCLUDED and are not counted;
 * an `allowed` of 0 lets all of them through.
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
	for (let at = 0; at < count; at++, code += <usize>blocks << 4) {
		const slot = distances + (<usize>at << 1);
		if (isExcluded(allowed, at)) {
			store<u16>(slot, EXCLUDED);
			continue;
		}
		let sums = i16x8.splat(0);
		let block = 0;
		while (block < blocks) {
			const end = min(blocks, block + BLOCKS_PER_LANE_SUM);
			let lanes = i8x16.splat(0);
			for (; block < end; block++) {
				const offset = <usize>block << 4;
				lanes = i8x16.add(lanes, differing(v128.load(code + offset), v128.load(query + offset)));
			}
			sums = i16x8.add(sums, i16x8.extadd_pairwise_i8x16_u(lanes));
		}
		record(total(sums), slot, histogram);
	}
}

// @ts-ignore: decorator
@inline
function isExcluded(allowed: usize, at: i32): bool {
	return allowed != 0 && ((load<u8>(allowed + (<usize>at >> 3)) >> (<u8>at & 7)) & 1) == 0;
}

/** In each byte, how many bits differ. */
// @ts-ignore: decorator
@inline
function differing(code: v128, query: v128): v128 {
	return i8x16.popcnt(v128.xor(code, query));
}

// @ts-ignore: decorator
@inline
function total(sums: v128): i32 {
	const fours = i32x4.extadd_pairwise_i16x8_u(sums);
	const pairs = i32x4.add(fours, i32x4.shuffle(fours, fours, 2, 3, 0, 1));
	return i32x4.extract_lane(pairs, 0) + i32x4.extract_lane(pairs, 1);
}

// @ts-ignore: decorator
@inline
function record(distance: i32, slot: usize, histogram: usize): void {
	store<u16>(slot, <u16>distance);
	const counter = histogram + (<usize>distance << 2);
	store<u32>(counter, load<u32>(counter) + 1);
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

/**
 * Multiply `count` numbers (f32, a multiple of 4) by `factors` (f32), then transform `span` of them (a power of two, at
 * least 4) from `start` on by the fast Walsh-Hadamard transform, in place.
 */
export function turn(numbers: usize, factors: usize, count: i32, start: usize, span: i32): void {
	for (let at: usize = 0; at < <usize>count << 2; at += 16) {
		v128.store(numbers + at, f32x4.mul(v128.load(numbers + at), v128.load(factors + at)));
	}
	const first = numbers + (start << 2);
	const end = first + (<usize>span << 2);
	for (let at = first; at < end; at += 16) v128.store(at, transformFour(v128.load(at)));
	for (let half: usize = 16; half < end - first; half <<= 1) {
		for (let block = first; block < end; block += half << 1) {
			for (let at = block; at < block + half; at += 16) {
				const a = v128.load(at);
				const b = v128.load(at + half);
				v128.store(at, f32x4.add(a, b));
				v128.store(at + half, f32x4.sub(a, b));
			}
		}
	}
}

// @ts-ignore: decorator
@inline
function transformFour(lanes: v128): v128 {
	const signsOfPairs = f32x4(1, -1, 1, -1);
	const signsOfHalves = f32x4(1, 1, -1, -1);
	const pairs = f32x4.add(i32x4.shuffle(lanes, lanes, 0, 0, 2, 2), f32x4.mul(i32x4.shuffle(lanes, lanes, 1, 1, 3, 3), signsOfPairs));
	return f32x4.add(i32x4.shuffle(pairs, pairs, 0, 1, 0, 1), f32x4.mul(i32x4.shuffle(pairs, pairs, 2, 3, 2, 3), signsOfHalves));
}

/** Write the signs of `count` numbers (f32, a multiple of 8) as bits, 1 for what is above zero. */
export function encode(numbers: usize, count: i32, code: usize): void {
	const zero = f32x4.splat(0);
	for (let byte = 0; byte < count >> 3; byte++) {
		const at = numbers + (<usize>byte << 5);
		const low = i32x4.bitmask(f32x4.gt(v128.load(at), zero));
		const high = i32x4.bitmask(f32x4.gt(v128.load(at + 16), zero));
		store<u8>(code + byte, low | (high << 4));
	}
}

/**
 * For each byte of a code and each value that it can have write to `table` (f32) what its eight bits contribute to the
 * product of `numbers` (f32, eight for each byte) with the signs that the code stands for.
 */
export function tabulate(numbers: usize, bytes: i32, table: usize): void {
	for (let byte = 0; byte < bytes; byte++) {
		const eight = numbers + (<usize>byte << 5);
		const row = table + (<usize>byte << 10);
		let lowest: f32 = 0;
		for (let bit = 0; bit < 8; bit++) lowest -= load<f32>(eight + (<usize>bit << 2));
		store<f32>(row, lowest);
		for (let bit = 0; bit < 8; bit++) {
			const added = <f32>2 * load<f32>(eight + (<usize>bit << 2));
			const half: usize = 4 << bit;
			if (bit < 2) {
				for (let at: usize = 0; at < half; at += 4) store<f32>(row + half + at, load<f32>(row + at) + added);
				continue;
			}
			const lanes = f32x4.splat(added);
			for (let at: usize = 0; at < half; at += 16) {
				v128.store(row + half + at, f32x4.add(v128.load(row + at), lanes));
			}
		}
	}
}

/** For each of `count` positions (u32) write what `table` says of its code to `estimates` (f32). */
export function estimate(
	codes: usize,
	bytes: i32,
	positions: usize,
	count: i32,
	table: usize,
	estimates: usize,
): void {
	for (let at: usize = 0; at < <usize>count << 2; at += 4) {
		const code = codes + <usize>load<u32>(positions + at) * <usize>bytes;
		let even: f32 = 0;
		let odd: f32 = 0;
		let row = table;
		for (let byte = 0; byte < bytes; byte += 2, row += 2048) {
			even += load<f32>(row + (<usize>load<u8>(code + byte) << 2));
			odd += load<f32>(row + 1024 + (<usize>load<u8>(code + byte + 1) << 2));
		}
		store<f32>(estimates + at, even + odd);
	}
}
