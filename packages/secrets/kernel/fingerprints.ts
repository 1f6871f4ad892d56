/**
 * Finding many byte strings in a text by their fingerprints, so that the strings themselves need not be there.
 * AssemblyScript, compiled to WebAssembly by `npm run build:kernel`. All addresses are into the imported memory; nothing
 * is allocated here.
 *
 * A string is found by four bytes of it, its window: their keyed hash is a bit in a bitmap that nearly always says no. If
 * it says yes, so must a second one by another hash, and then the slots of that hash are looked at: each says how much of a string comes before the window, how long it
 * is, and a keyed hash of its head. What has that hash too is a candidate; whoever asks compares all of it by a better one.
 */

/** What a slot holds, in bytes. */
const SLOT_BYTES: usize = 20;
const SLOT_BUCKET: usize = 0; // u32: hash of the window, plus one; 0 for an empty slot
const SLOT_FILTER: usize = 4; // u32: hash of its head
const SLOT_PATTERN: usize = 8; // u32: its number
const SLOT_LENGTH: usize = 12; // u16
const SLOT_BEFORE: usize = 14; // u16: bytes of it before the window
const SLOT_KIND: usize = 16; // u8
const SLOT_EDGES: usize = 17; // u8

/** Kinds of strings: what may stand between two of its bytes. */
const PLAIN: u8 = 0;
const HEX: u8 = 2;

/** Edges: a letter there is made of bits of the string and of its neighbour. */
const LEADING_EDGE: u8 = 1;
const TRAILING_EDGE: u8 = 2;

/** Between two bytes of a string lie at most so many others: the end of a line and an indentation. */
const MAX_GAP: i32 = 72;
/** With what lies between its bytes a string takes at most so many times its length, and that many bytes more. */
const SPREAD: i32 = 3;
const MAX_EXTRA: i32 = 288;

/** The window lies within so many bytes at the beginning of a string. */
const HEAD_BYTES: i32 = 24;

let bitmap: usize = 0;
let shift: u32 = 0;
let multiplier: u32 = 0;
let secondBitmap: usize = 0;
let secondShift: u32 = 0;
let secondMultiplier: u32 = 0;
let slots: usize = 0;
let slotMask: u32 = 0;
let seed: u32 = 0;
let text: usize = 0;
let scratch: usize = 0;

let length: i32 = 0;
let until: i32 = 0;
let cursor: i32 = 0;
/** Where to go on among the slots of the window at the cursor; -1 to begin with the window. */
let resumed: i32 = -1;

let start: i32 = 0;
let end: i32 = 0;
let pattern: i32 = 0;
let gathered: usize = 0;
let gatheredLength: i32 = 0;

export function configure(
	bitmapAt: usize,
	hashShift: u32,
	hashMultiplier: u32,
	secondBitmapAt: usize,
	secondHashShift: u32,
	secondHashMultiplier: u32,
	slotsAt: usize,
	mask: u32,
	filterSeed: u32,
	textAt: usize,
	scratchAt: usize,
): void {
	bitmap = bitmapAt;
	shift = hashShift;
	multiplier = hashMultiplier;
	secondBitmap = secondBitmapAt;
	secondShift = secondHashShift;
	secondMultiplier = secondHashMultiplier;
	slots = slotsAt;
	slotMask = mask;
	seed = filterSeed;
	text = textAt;
	scratch = scratchAt;
}

/** Look at the windows that begin from `from` to before `to` in a text of `bytes` bytes. */
export function begin(from: i32, to: i32, bytes: i32): void {
	length = bytes;
	until = min(to, bytes - 3);
	cursor = from;
	resumed = -1;
}

/** Go on to the next candidate; 0 when there is none. */
export function next(): i32 {
	const map = bitmap;
	const by = shift;
	const factor = multiplier;
	const base = text;
	const last = until;
	let at = cursor;
	while (at < last) {
		const gram = load<u32>(base + at);
		const hash = (gram * factor) >> by;
		if (hasBit(map, hash) && hasBit(secondBitmap, (gram * secondMultiplier) >> secondShift)) {
			cursor = at;
			if (probe(hash, at)) return 1;
			resumed = -1;
		}
		at++;
	}
	cursor = at;
	return 0;
}

export function matchStart(): i32 {
	return start;
}
export function matchEnd(): i32 {
	return end;
}
export function matchPattern(): i32 {
	return pattern;
}
/** Where the bytes of the candidate are, without what stands between them. */
export function matchBytes(): usize {
	return gathered;
}
export function matchLength(): i32 {
	return gatheredLength;
}

// @ts-ignore: decorator
@inline
function hasBit(map: usize, bit: u32): bool {
	return ((load<u8>(map + (bit >> 3)) >> (<u8>bit & 7)) & 1) != 0;
}

function probe(hash: u32, at: i32): bool {
	let slot: u32 = resumed < 0 ? hash & slotMask : <u32>resumed;
	while (true) {
		const entry = slots + <usize>slot * SLOT_BYTES;
		const bucket = load<u32>(entry, SLOT_BUCKET);
		if (bucket == 0) return false;
		slot = (slot + 1) & slotMask;
		if (bucket == hash + 1 && verify(entry, at)) {
			resumed = <i32>slot;
			return true;
		}
	}
}

function verify(entry: usize, at: i32): bool {
	const size = <i32>load<u16>(entry, SLOT_LENGTH);
	const before = <i32>load<u16>(entry, SLOT_BEFORE);
	const kind = load<u8>(entry, SLOT_KIND);
	const filter = load<u32>(entry, SLOT_FILTER);
	const head = min(size, HEAD_BYTES);
	if (kind == PLAIN) {
		start = at - before;
		end = start + size;
		if (start < 0 || end > length) return false;
		gathered = text + start;
		if (filterOf(gathered, head) != filter) return false;
	} else {
		gathered = scratch;
		if (!findStart(at, before, kind)) return false;
		end = gather(start, 0, head, kind);
		if (end < 0 || filterOf(gathered, head) != filter) return false;
		end = gather(end, head, size, kind);
		if (end < 0 || end - start > size * SPREAD + MAX_EXTRA) return false;
	}
	gatheredLength = size;
	pattern = load<u32>(entry, SLOT_PATTERN);
	const edges = load<u8>(entry, SLOT_EDGES);
	if (edges & LEADING_EDGE) takeLeadingEdge(kind);
	if (edges & TRAILING_EDGE) takeTrailingEdge(kind);
	return true;
}

function filterOf(from: usize, size: i32): u32 {
	let hash = seed;
	for (let at: usize = 0; at < <usize>size; at++) hash = (hash ^ load<u8>(from + at)) * multiplier;
	return hash;
}

/** Go back from a window to the beginning of its string. */
function findStart(at: i32, before: i32, kind: u8): bool {
	let position = at;
	for (let left = before; left > 0; left--) {
		position = skipBack(position, kind) - 1;
		if (position < 0 || !isLetter(load<u8>(text + position))) return false;
	}
	start = position;
	return true;
}

/**
 * Copy the bytes of a string from number `from` on and before number `to` to the scratch, without what stands between
 * them. Gives where they end, or -1 when they cannot be of a string.
 */
function gather(position: i32, from: i32, to: i32, kind: u8): i32 {
	for (let taken = from; taken < to; taken++) {
		if (taken > 0) position = skip(position, kind);
		if (position >= length) return -1;
		const byte = load<u8>(text + position);
		if (!isLetter(byte)) return -1;
		store<u8>(scratch + taken, byte);
		position++;
	}
	return position;
}

// @ts-ignore: decorator
@inline
function isSpace(byte: u8): bool {
	return byte == 0x0a || byte == 0x0d || byte == 0x20 || byte == 0x09;
}

/** The letters of `\n`, `\r` and `\t`. */
// @ts-ignore: decorator
@inline
function isEscaped(byte: u8): bool {
	return byte == 0x6e || byte == 0x72 || byte == 0x74;
}

/** `:`, `%`, `,` and `-` between the pairs of digits. */
// @ts-ignore: decorator
@inline
function isPunctuation(byte: u8): bool {
	return byte == 0x3a || byte == 0x25 || byte == 0x2c || byte == 0x2d;
}

/** From `position` on, past what may stand between two bytes of a string. */
function skip(position: i32, kind: u8): i32 {
	const bound = min(length, position + MAX_GAP);
	while (position < bound) {
		const byte = load<u8>(text + position);
		const following: u8 = position + 1 < length ? load<u8>(text + position + 1) : 0;
		if (isSpace(byte)) position++;
		else if (byte == 0x5c && isEscaped(following)) position += 2;
		else if (byte == 0x5c && following == 0x5c) position++;
		else if (kind == HEX && isPunctuation(byte)) position++;
		else if (kind == HEX && (byte == 0x5c || byte == 0x30) && following == 0x78) position += 2;
		else break;
	}
	return position;
}

/** As `skip`, from before `position` backwards. */
function skipBack(position: i32, kind: u8): i32 {
	const bound = max(0, position - MAX_GAP);
	while (position > bound) {
		const byte = load<u8>(text + position - 1);
		const preceding: u8 = position > 1 ? load<u8>(text + position - 2) : 0;
		if (isSpace(byte)) position--;
		else if (preceding == 0x5c && isEscaped(byte)) position -= 2;
		else if (byte == 0x5c) position--;
		else if (kind == HEX && isPunctuation(byte)) position--;
		else if (kind == HEX && byte == 0x78 && (preceding == 0x5c || preceding == 0x30)) position -= 2;
		else break;
	}
	return position;
}

/** Of base64, which has those of hex too. */
function isLetter(byte: u8): bool {
	return (
		(byte >= 0x30 && byte <= 0x39) ||
		((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a) ||
		byte == 0x2b ||
		byte == 0x2f ||
		byte == 0x2d ||
		byte == 0x5f
	);
}

function takeLeadingEdge(kind: u8): void {
	const edge = skipBack(start, kind) - 1;
	if (edge >= 0 && isLetter(load<u8>(text + edge))) start = edge;
}

function takeTrailingEdge(kind: u8): void {
	const edge = skip(end, kind);
	if (edge < length && isLetter(load<u8>(text + edge))) end = edge + 1;
	for (let left = 2; left > 0 && end < length && load<u8>(text + end) == 0x3d; left--) end++;
}
