import { readFileSync } from "node:fs";

/** What a process takes of the machine's memory, in MiB. */
export interface ProcessMemory {
	readonly residentMb: number;
	/** What it wrote itself and shares with nobody: the file of the program is not in it. */
	readonly privateMb: number;
}

/** From `/proc`; undefined where there is none. */
export function memoryOf(pid: number): ProcessMemory | undefined {
	try {
		const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
		const mb = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(rollup)?.[1]) / 1024;
		return { residentMb: mb("Rss"), privateMb: mb("Anonymous") };
	} catch {
		return undefined;
	}
}
