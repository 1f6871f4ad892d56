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

/** A kernel in AssemblyScript, and the source file that holds what it compiles to. */
export interface KernelSource {
	/** `npm run build:kernel` names it so. */
	readonly name: string;
	readonly folder: string;
	readonly file: string;
	readonly output: string;
}

const packages = join(dirname(import.meta.dir), "packages");

export const kernelSources: readonly KernelSource[] = [
	{
		name: "kernel/codes.ts",
		folder: join(packages, "search", "kernel"),
		file: "codes.ts",
		output: join(packages, "search", "src", "vector", "kernel.generated.ts"),
	},
	{
		name: "kernel/fingerprints.ts",
		folder: join(packages, "secrets", "kernel"),
		file: "fingerprints.ts",
		output: join(packages, "secrets", "src", "redaction", "kernel.generated.ts"),
	},
];

/** Compile a kernel: the bytes of a WebAssembly module. Throws what the compiler says. */
export async function compileKernel({ folder: kernelFolder, file }: KernelSource): Promise<Uint8Array> {
	let bytes: Uint8Array | undefined;
	const { error, stderr } = await asc.main(
		[file, "-O3", "--noAssert", "--runtime", "stub", "--importMemory", "--enable", "simd", "--outFile", "kernel.wasm"],
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
