import { expect, test } from "bun:test";
import { join } from "node:path";
import { temporaryVault } from "./testing/index.ts";

test("no cipher is loaded before a value is sealed or opened", async () => {
	using vault = temporaryVault();
	const file = join(import.meta.dir, "testing", "loaded-modules.ts");
	const child = Bun.spawn([process.execPath, file, vault.folder], { stdout: "pipe", stderr: "inherit" });
	const [changes, before, after] = JSON.parse(await child.stdout.text());
	expect([changes, before]).toEqual([0, 0]);
	expect(after).toBeGreaterThan(0);
});
