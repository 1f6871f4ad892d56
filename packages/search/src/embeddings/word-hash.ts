/** FNV-1a over UTF-16 code units, with the mixing of MurmurHash3 at the end; 32 bits, unsigned. */
export function hashOf(text: string, seed: number, start = 0, end = text.length): number {
	let value = seed;
	for (let at = start; at < end; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
	return mix(value);
}

export function mix(value: number): number {
	let mixed = value ^ (value >>> 16);
	mixed = Math.imul(mixed, 0x85ebca6b);
	mixed ^= mixed >>> 13;
	mixed = Math.imul(mixed, 0xc2b2ae35);
	return (mixed ^ (mixed >>> 16)) >>> 0;
}
