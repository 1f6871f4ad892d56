import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { releaseProgramPages } from "./program-pages.ts";

/** What of the code of this program is in memory for it, in KiB. */
function residentCode(): number {
	const mappings = readFileSync("/proc/self/smaps", "utf8").split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m);
	return mappings
		.filter((mapping) => mapping.split("\n")[0]?.includes("r-xp") && mapping.includes(process.execPath))
		.reduce((sum, mapping) => sum + Number(/^Rss:\s+(\d+)/m.exec(mapping)?.[1]), 0);
}

test.if(process.platform === "linux")("most of the program is let go, and comes back as it is needed", async () => {
	const before = residentCode();
	await releaseProgramPages();
	const after = residentCode();
	expect(after).toBeLessThan(before / 2);
	// A new program text is parsed and compiled, which takes parts that were let go.
	expect(new Function("n", "let sum = 0; for (let at = 0; at < n; at++) sum += at; return sum")(1_000_000)).toBe(
		499_999_500_000,
	);
	expect(residentCode()).toBeGreaterThan(after);
});
