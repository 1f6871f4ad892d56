/** `npm run docs`: write the pages that are made from the code. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { configurationPage } from "./configuration-page.ts";

writeFileSync(join(import.meta.dir, "..", "docs", "configuration.md"), configurationPage());
