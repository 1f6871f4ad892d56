import { readFileSync } from "node:fs";

/** `MADV_DONTNEED` of madvise(2). */
const DONT_NEED = 4;

/**
 * Let go of the pages of the executable that this process has looked at so far: those of starting and of compiling are
 * seldom needed again. They stay in the system's cache, from which each comes back when it is. Only code is let go, which
 * nothing has written to, and only on Linux; whatever does not work is left as it is.
 */
export async function releaseProgramPages(): Promise<void> {
	if (process.platform !== "linux") return;
	try {
		const { dlopen } = await import("bun:ffi");
		const libc = dlopen("libc.so.6", { madvise: { args: ["usize", "usize", "i32"], returns: "i32" } });
		for (const { start, end } of codeOf(process.execPath)) libc.symbols.madvise(start, end - start, DONT_NEED);
		libc.close();
	} catch {
		// Another C library, or a process that may not: then they stay.
	}
}

interface Mapping {
	readonly start: number;
	readonly end: number;
}

/** Where the code of a program lies in memory, by `/proc/self/maps`. */
function codeOf(program: string): Mapping[] {
	return readFileSync("/proc/self/maps", "utf8")
		.split("\n")
		.flatMap((line) => {
			const [, start = "", end = "", path] = /^([0-9a-f]+)-([0-9a-f]+) r-xp \S+ \S+ \d+\s+(.*)$/.exec(line) ?? [];
			return path === program ? [{ start: Number.parseInt(start, 16), end: Number.parseInt(end, 16) }] : [];
		});
}
