import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { configurationRows } from "@signet/core/config";
import { configurationPage } from "../../scripts/configuration-page.ts";
import { repository } from "./program.ts";

test("docs/configuration.md says what the table of settings says (npm run docs writes it)", () => {
	const page = readFileSync(join(repository, "docs", "configuration.md"), "utf8");
	expect(page).toBe(configurationPage());
	for (const { below } of configurationRows()) expect(page).toContain(`| \`${below.join(".")}\``);
});
