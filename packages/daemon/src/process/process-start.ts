import { readFileSync } from "node:fs";

/** What tells a process from a later one that was given the same number, as far as the system says it. */
export interface ProcessStart {
	/** When it was started, in ticks of the kernel since the machine was; `undefined` where that cannot be read. */
	readonly processStart?: string | undefined;
	/** Of the machine; another after each boot. */
	readonly bootId?: string | undefined;
}

/** When a process was started, if there is one with this number now. Known on Linux alone. */
export function processStartOf(pid: number): ProcessStart {
	// The name, which may hold anything, stands in brackets before the numbers; the time is the 22nd field.
	const [, fields] = /.*\) (.*)/s.exec(read(`/proc/${pid}/stat`)) ?? [];
	return {
		processStart: fields?.split(" ")[19],
		bootId: read("/proc/sys/kernel/random/boot_id").trim() || undefined,
	};
}

/**
 * Whether the process that has this number now is the one that was noted: `undefined` when nothing was noted, or when
 * this system does not say.
 */
export function isSameProcess(pid: number, noted: ProcessStart): boolean | undefined {
	if (noted.processStart === undefined) return undefined;
	const now = processStartOf(pid);
	if (now.bootId !== undefined && noted.bootId !== undefined && now.bootId !== noted.bootId) return false;
	return now.processStart === noted.processStart;
}

function read(file: string): string {
	try {
		return readFileSync(file, "utf8");
	} catch {
		return "";
	}
}
