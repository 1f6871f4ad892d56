import { createRequire } from "node:module";

/**
 * The file of the sqlite-vec library for this machine, or undefined where there is none. The build replaces this
 * module by one that names the copy inside the executable.
 */
export function vectorLibraryFile(): string | undefined {
	const system = process.platform === "win32" ? "windows" : process.platform;
	const suffix = { darwin: "dylib", win32: "dll" }[process.platform as string] ?? "so";
	try {
		return createRequire(import.meta.url).resolve(`sqlite-vec-${system}-${process.arch}/vec0.${suffix}`);
	} catch {
		return undefined;
	}
}
