/** Compile the AssemblyScript kernel and write its bytes into a source file, so that nothing is read at run time. */
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** What we use of the compiler. Its own types would declare a second `console` for the whole project. */
interface Compiler {
	main(
		args: readonly string[],
		host: {
			readFile(name: string, folder: string): Promise<string | null> | null;
			writeFile(name: string, contents: Uint8Array | string): void;
			listFiles(): string[];
		},
	): Promise<{ error: Error | null; stderr: { toString(): string } }>;
}
const compilerModule: string = "assemblyscript/asc";
const { default: asc }: { default: Compiler } = await import(compilerModule);

const searchPackage = join(dirname(import.meta.dir), "packages", "search");
const outputFile = join(searchPackage, "src", "vector", "kernel.generated.ts");

let bytes: Uint8Array | undefined;
const { error, stderr } = await asc.main(
	[
		"codes.ts",
		"-O3",
		"--noAssert",
		"--runtime",
		"stub",
		"--importMemory",
		"--enable",
		"simd",
		"--outFile",
		"kernel.wasm",
	],
	{
		readFile: (name, folder) =>
			name.startsWith("~")
				? null
				: Bun.file(join(searchPackage, "kernel", folder, name))
						.text()
						.catch(() => null),
		writeFile: (_name, contents) => {
			if (contents instanceof Uint8Array) bytes = contents;
		},
		listFiles: () => [],
	},
);
if (error || !bytes) {
	console.error(stderr.toString());
	throw error ?? new Error("the compiler wrote no module");
}
writeFileSync(
	outputFile,
	`/** Made by \`npm run build:kernel\` from \`kernel/codes.ts\`; ${bytes.length} bytes of WebAssembly, base64. */
export const KERNEL = "${Buffer.from(bytes).toString("base64")}";
`,
);
console.log(`${outputFile}: ${bytes.length} bytes`);
