/** `npm run build:kernel`: compile the vector kernel and keep its bytes in a source file, so that nothing is read at run time. */
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { compileKernel } from "./compile-kernel.ts";

const outputFile = join(dirname(import.meta.dir), "packages", "search", "src", "vector", "kernel.generated.ts");

const bytes = await compileKernel();
writeFileSync(
	outputFile,
	`/** Made by \`npm run build:kernel\` from \`kernel/codes.ts\`; ${bytes.length} bytes of WebAssembly, base64. */
export const KERNEL = "${Buffer.from(bytes).toString("base64")}";
`,
);
console.log(`${outputFile}: ${bytes.length} bytes`);
