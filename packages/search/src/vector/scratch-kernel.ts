import { growMemory, instantiateKernel, type Kernel, Layout, newMemory } from "./kernel.ts";

/**
 * The kernel for what is computed at once and not kept, one for each thread. The runtime has room for a handful of
 * WebAssembly memories; for each beyond them it first collects its whole heap, so there is one for all of it.
 */

/** What stays, from address 0 on. */
const kept = new Layout();
let memory: WebAssembly.Memory | undefined;
let kernel: Kernel | undefined;

export interface Scratch {
	readonly kernel: Kernel;
	/** Views of it end when anybody else asks for room. */
	readonly buffer: ArrayBuffer;
	/** Where the room begins that was asked for. What is there is whoever asks next's. */
	readonly start: number;
}

/** The address of `bytes` bytes that nobody else gets. They are never given back. */
export function keepScratch(bytes: number): number {
	return kept.take(bytes);
}

/** The kernel, with `bytes` bytes of room. */
export function scratchWith(bytes: number): Scratch {
	const start = kept.end;
	memory ??= newMemory(start + bytes);
	kernel ??= instantiateKernel(memory);
	growMemory(memory, start + bytes);
	return { kernel, buffer: memory.buffer, start };
}
