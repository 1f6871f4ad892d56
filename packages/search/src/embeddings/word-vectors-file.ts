import { join } from "node:path";

/**
 * The file of the word vectors, made by `npm run train:embedding`. The build replaces this module by one that names the
 * copy inside the executable.
 */
export function wordVectorsFile(): string {
	return join(import.meta.dir, "word-vectors.bin");
}
