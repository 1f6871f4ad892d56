import type { UpdateSettings } from "@signet/core";

export const MIN_INTERVAL_S = 300;
export const MAX_INTERVAL_S = 604_800;

/** What somebody wants to change, as clients send it: either spelling, null for nothing. */
export interface UpdateChange {
	readonly autoInstall?: unknown;
	readonly auto_install?: unknown;
	readonly checkInterval?: unknown;
	readonly check_interval?: unknown;
}

export type WantedSettings = Partial<Pick<UpdateSettings, "auto_install" | "check_interval">>;

/** What is wanted, or the sentence that says why it cannot be. */
export function readUpdateChange(change: UpdateChange): WantedSettings | string {
	const flag = change.autoInstall ?? change.auto_install ?? undefined;
	const interval = change.checkInterval ?? change.check_interval ?? undefined;
	const isInstalled = flag === undefined ? undefined : readFlag(flag);
	if (flag !== undefined && isInstalled === undefined) return "autoInstall must be true or false";
	const seconds = interval === undefined ? undefined : readInterval(interval);
	if (interval !== undefined && seconds === undefined) {
		return `checkInterval must be between ${MIN_INTERVAL_S} and ${MAX_INTERVAL_S} seconds`;
	}
	return {
		...(isInstalled !== undefined && { auto_install: isInstalled }),
		...(seconds !== undefined && { check_interval: seconds }),
	};
}

function readFlag(value: unknown): boolean | undefined {
	if (value === true || value === "true") return true;
	return value === false || value === "false" ? false : undefined;
}

/** Whole seconds; fractions are cut off. */
function readInterval(value: unknown): number | undefined {
	const isText = typeof value === "string" && /^\s*\d{1,9}\s*$/.test(value);
	const seconds = Math.trunc(isText || typeof value === "number" ? Number(value) : Number.NaN);
	return seconds >= MIN_INTERVAL_S && seconds <= MAX_INTERVAL_S ? seconds : undefined;
}
