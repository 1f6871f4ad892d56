import { readFileSync } from "node:fs";

/** Megabytes that a process has for itself alone, as Linux counts them. */
export function privateMegabytes(pid: number): number {
	const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
	const kilobytes = [...rollup.matchAll(/^Private_(?:Clean|Dirty):\s+(\d+) kB$/gm)].map(([, figure]) => Number(figure));
	return kilobytes.reduce((sum, each) => sum + each, 0) / 1024;
}
