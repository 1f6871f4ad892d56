import { KERNEL } from "./kernel.generated.ts";

/** The functions of `kernel/fingerprints.ts`. Addresses and lengths are of bytes in the memory. */
export interface Kernel {
	configure(
		bitmap: number,
		hashShift: number,
		hashMultiplier: number,
		secondBitmap: number,
		secondHashShift: number,
		secondHashMultiplier: number,
		slots: number,
		slotMask: number,
		filterSeed: number,
		text: number,
		scratch: number,
	): void;
	begin(from: number, to: number, length: number): void;
	next(): number;
	matchStart(): number;
	matchEnd(): number;
	matchPattern(): number;
	matchBytes(): number;
	matchLength(): number;
}

/** How a slot is laid out; see `kernel/fingerprints.ts`. */
export const SLOT = {
	bytes: 20,
	bucket: 0,
	filter: 4,
	pattern: 8,
	length: 12,
	before: 14,
	kind: 16,
	edges: 17,
} as const;
export const LEADING_EDGE = 1;
export const TRAILING_EDGE = 2;
/** With what lies between them the bytes of a form take at most `spread` times as many, and `extra` more; then come the edges. */
export const REACH = { spread: 3, extra: 288, edges: 160 } as const;

let compiled: WebAssembly.Module | undefined;

/** The kernel, at work on a memory of its own. */
export function instantiateKernel(memory: WebAssembly.Memory): Kernel {
	compiled ??= new WebAssembly.Module(Buffer.from(KERNEL, "base64"));
	const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
	if (!isKernel(exports)) throw new Error("the kernel lacks one of its functions; run npm run build:kernel");
	return exports;
}

const FUNCTIONS = [
	"configure",
	"begin",
	"next",
	"matchStart",
	"matchEnd",
	"matchPattern",
	"matchBytes",
	"matchLength",
] as const satisfies readonly (keyof Kernel)[];

function isKernel(exports: object): exports is Kernel {
	return FUNCTIONS.every((name) => name in exports);
}
