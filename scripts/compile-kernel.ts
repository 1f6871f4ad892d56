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

const kernelFolder = join(dirname(import.meta.dir), "packages", "search", "kernel");

/** Compile the AssemblyScript of the vector kernel: the bytes of a WebAssembly module. Throws what the compiler says. */
export async function compileKernel(): Promise<Uint8Array> {
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
					: Bun.file(join(kernelFolder, folder, name))
							.text()
							.catch(() => null),
			writeFile: (_name, contents) => {
				if (contents instanceof Uint8Array) bytes = contents;
			},
			listFiles: () => [],
		},
	);
	if (error || !bytes) {
		throw new Error(`the kernel cannot be compiled: ${stderr}`, { cause: error });
	}
	return bytes;
}
