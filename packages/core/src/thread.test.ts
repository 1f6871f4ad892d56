import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { getPriority, tmpdir } from "node:os";
import { join } from "node:path";
import { inThread } from "./thread.ts";

test.if(process.platform === "linux")(
	"a thread goes as first as whoever waits for it, unless it makes way",
	async () => {
		const folder = mkdtempSync(join(tmpdir(), "signet-thread-"));
		const file = join(folder, "priority-thread.ts");
		writeFileSync(
			file,
			`import { getPriority } from "node:os";
import { makeWay, serveThread } from ${JSON.stringify(join(import.meta.dir, "thread.ts"))};
serveThread((makesWay) => {
	if (makesWay) makeWay();
	return getPriority();
});`,
		);
		const before = getPriority();
		expect(await inThread<boolean, number>(file, false)).toBe(before);
		expect(await inThread<boolean, number>(file, true)).toBe(Math.max(before, 10));
		expect(getPriority()).toBe(before);
		rmSync(folder, { recursive: true });
	},
);
