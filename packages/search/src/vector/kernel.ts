import { KERNEL } from "./kernel.generated.ts";

/** An `allowed` of 0 lets everything through, so nothing else may be at that address. */
type Scan = (
	codes: number,
	count: number,
	blocks: number,
	query: number,
	allowed: number,
	distances: number,
	histogram: number,
) => void;

/** The functions of `kernel/codes.ts`. Arguments that are no counts are byte addresses in the memory. */
export interface Kernel {
	readonly scan: Scan;
	readonly scanByWords: Scan;
	collect(distances: number, count: number, threshold: number, limit: number, out: number): number;
	turn(numbers: number, factors: number, count: number, start: number, span: number): void;
	encode(numbers: number, count: number, code: number): void;
	tabulate(numbers: number, bytes: number, table: number): void;
	estimate(codes: number, bytes: number, positions: number, count: number, table: number, estimates: number): void;
	compare(vectors: number, length: number, slots: number, count: number, query: number, cosines: number): void;
}

/** The distance of a code that is not to be found. */
export const EXCLUDED = 0xffff;

const PAGE_BYTES = 65_536;
/** Vector instructions take 16 bytes at a time. */
const ALIGNMENT = 16;

let compiled: WebAssembly.Module | undefined;

/** The kernel, at work on a memory of its own. */
export function instantiateKernel(memory: WebAssembly.Memory): Kernel {
	compiled ??= new WebAssembly.Module(Buffer.from(KERNEL, "base64"));
	const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
	if (!isKernel(exports)) throw new Error("the kernel lacks one of its functions; run npm run build:kernel");
	return exports;
}

export function newMemory(bytes: number): WebAssembly.Memory {
	return new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE_BYTES) });
}

/** Make a memory at least that large. Views of it end. */
export function growMemory(memory: WebAssembly.Memory, bytes: number): void {
	const missing = Math.ceil((bytes - memory.buffer.byteLength) / PAGE_BYTES);
	if (missing > 0) memory.grow(missing);
}

/** Gives out addresses one after the other. */
export class Layout {
	#end = 0;

	/** Bytes given out so far. */
	get end(): number {
		return this.#end;
	}

	/** The address of the next `bytes` bytes. */
	take(bytes: number): number {
		const start = this.#end;
		this.#end = Math.ceil((start + bytes) / ALIGNMENT) * ALIGNMENT;
		return start;
	}
}

function isKernel(exports: object): exports is Kernel {
	return ["scan", "scanByWords", "collect", "turn", "encode", "tabulate", "estimate", "compare"].every(
		(name) => name in exports,
	);
}
