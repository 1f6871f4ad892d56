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

/**
 * As `scan`, eight bytes at a time: faster on processors that count the bits of a word in one instruction but not those of
 * each byte of a vector, as most x64 ones. Where nothing is left out two codes are compared at once, which share the words
 * of the query.
 */
export function scanByWords(
	codes: usize,
	count: i32,
	blocks: i32,
	query: usize,
	allowed: usize,
	distances: usize,
	histogram: usize,
): void {
	const length = <usize>blocks << 4;
	let at = 0;
	let code = codes;
	if (allowed == 0) {
		for (; at < count - 1; at += 2, code += length << 1) {
			const other = code + length;
			let even: i64 = 0;
			let odd: i64 = 0;
			let otherEven: i64 = 0;
			let otherOdd: i64 = 0;
			for (let byte: usize = 0; byte < length; byte += 16) {
				const first = load<i64>(query + byte);
				const second = load<i64>(query + byte, 8);
				even += popcnt<i64>(first ^ load<i64>(code + byte));
				odd += popcnt<i64>(second ^ load<i64>(code + byte, 8));
				otherEven += popcnt<i64>(first ^ load<i64>(other + byte));
				otherOdd += popcnt<i64>(second ^ load<i64>(other + byte, 8));
			}
			const slot = distances + (<usize>at << 1);
			record(<i32>(even + odd), slot, histogram);
			record(<i32>(otherEven + otherOdd), slot + 2, histogram);
		}
	}
	for (; at < count; at++, code += length) {
		const slot = distances + (<usize>at << 1);
		if (isExcluded(allowed, at)) {
			store<u16>(slot, EXCLUDED);
			continue;
		}
		let even: i64 = 0;
		let odd: i64 = 0;
		for (let byte: usize = 0; byte < length; byte += 16) {
			even += popcnt<i64>(load<i64>(code + byte) ^ load<i64>(query + byte));
			odd += popcnt<i64>(load<i64>(code + byte, 8) ^ load<i64>(query + byte, 8));
		}
		record(<i32>(even + odd), slot, histogram);
	}
}

/**
 * Write the positions of distances below `threshold`, fewer than `limit`, and after them, as far as `limit` allows, of
 * those equal to it. There is room for `limit` positions behind `out` and, for use meanwhile, for as many again.
 */
export function collect(distances: usize, count: i32, threshold: u16, limit: i32, out: usize): i32 {
	const bound = i16x8.splat(<i16>threshold);
	const equals = out + (<usize>limit << 2);
	let below = 0;
	let equal = 0;
	for (let at = 0; at < count; at += 8) {
		const lanes = v128.load(distances + (<usize>at << 1));
		let mask = i16x8.bitmask(i16x8.le_u(lanes, bound));
		// What stands behind the last one was left there by others.
		if (count - at < 8) mask &= (1 << (count - at)) - 1;
		for (; mask != 0; mask &= mask - 1) {
			const position = at + ctz<i32>(mask);
			if (load<u16>(distances + (<usize>position << 1)) < threshold) {
				store<u32>(out + (<usize>below << 2), position);
				below++;
			} else if (equal < limit) {
				store<u32>(equals + (<usize>equal << 2), position);
				equal++;
			}
		}
	}
	const more = min(equal, limit - below);
	memory.copy(out + (<usize>below << 2), equals, <usize>more << 2);
	return below + more;
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

/**
 * For each of `count` slots (u32) write the cosine of the vector there (`length` signed bytes, a multiple of 16) and the
 * query (f32, as many, of length 1) to `cosines` (f32); 0 where the vector has no direction.
 */
export function compare(
	vectors: usize,
	length: i32,
	slots: usize,
	count: i32,
	query: usize,
	cosines: usize,
): void {
	for (let at: usize = 0; at < <usize>count << 2; at += 4) {
		const vector = vectors + <usize>load<u32>(slots + at) * <usize>length;
		let dots = f32x4.splat(0);
		let squares = i32x4.splat(0);
		for (let byte: usize = 0; byte < <usize>length; byte += 16) {
			const bytes = v128.load(vector + byte);
			const low = i16x8.extend_low_i8x16_s(bytes);
			const high = i16x8.extend_high_i8x16_s(bytes);
			squares = i32x4.add(squares, i32x4.add(i32x4.dot_i16x8_s(low, low), i32x4.dot_i16x8_s(high, high)));
			const numbers = query + (byte << 2);
			const lows = f32x4.add(
				f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(low)), v128.load(numbers)),
				f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(low)), v128.load(numbers, 16)),
			);
			const highs = f32x4.add(
				f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(high)), v128.load(numbers, 32)),
				f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(high)), v128.load(numbers, 48)),
			);
			dots = f32x4.add(dots, f32x4.add(lows, highs));
		}
		const square = sumOfInts(squares);
		store<f32>(cosines + at, square > 0 ? sumOfFloats(dots) / sqrt(<f32>square) : 0);
	}
}

// @ts-ignore: decorator
@inline
function sumOfInts(lanes: v128): i32 {
	return (
		i32x4.extract_lane(lanes, 0) +
		i32x4.extract_lane(lanes, 1) +
		i32x4.extract_lane(lanes, 2) +
		i32x4.extract_lane(lanes, 3)
	);
}

// @ts-ignore: decorator
@inline
function sumOfFloats(lanes: v128): f32 {
	return (
		f32x4.extract_lane(lanes, 0) +
		f32x4.extract_lane(lanes, 1) +
		f32x4.extract_lane(lanes, 2) +
		f32x4.extract_lane(lanes, 3)
	);
}
