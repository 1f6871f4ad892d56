/** `npm run build:kernel`: compile the kernels and keep their bytes in source files, so that nothing is read at run time. */
import { writeFileSync } from "node:fs";
import { compileKernel, kernelSources } from "./compile-kernel.ts";

for (const source of kernelSources) {
	const bytes = await compileKernel(source);
	writeFileSync(
		source.output,
		`/** Made by \`npm run build:kernel\` from \`${source.name}\`; ${bytes.length} bytes of WebAssembly, base64. */
export const KERNEL = "${Buffer.from(bytes).toString("base64")}";
`,
	);
	console.log(`${source.output}: ${bytes.length} bytes`);
}
