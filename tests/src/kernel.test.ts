import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { compileKernel, kernelSources } from "../../scripts/compile-kernel.ts";

for (const source of kernelSources) {
	test(`the checked-in ${source.name} is what its source compiles to`, async () => {
		const [, base64] = /KERNEL = "([^"]+)"/.exec(readFileSync(source.output, "utf8")) ?? [];
		expect(base64).toBe(Buffer.from(await compileKernel(source)).toString("base64"));
	});
}
