import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { compileKernel } from "../../scripts/compile-kernel.ts";
import { repository } from "./program.ts";

test("the checked-in kernel is what its source compiles to", async () => {
	const generated = readFileSync(join(repository, "packages/search/src/vector/kernel.generated.ts"), "utf8");
	const [, base64] = /KERNEL = "([^"]+)"/.exec(generated) ?? [];
	expect(base64).toBe(Buffer.from(await compileKernel()).toString("base64"));
});
