/** `npm run build`: make `dist/signet`, one file that needs nothing else on the machine. */
import { mkdirSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { BunPlugin } from "bun";
import { temporaryDatabase } from "../packages/db/src/testing/index.ts";
import { wordVectorsFile } from "../packages/search/src/embeddings/word-vectors-file.ts";

const root = dirname(import.meta.dir);
const isWindows = process.platform === "win32";
const outputFile = join(root, "dist", isWindows ? "signet.exe" : "signet");

/** Puts the sqlite-vec library of this platform into the executable, in place of looking for it in node_modules. */
const embedVectorLibrary: BunPlugin = {
	name: "embed-vector-library",
	setup(build) {
		const system = isWindows ? "windows" : process.platform;
		const suffix = { darwin: "dylib", win32: "dll" }[process.platform as string] ?? "so";
		const require = createRequire(join(root, "packages", "db", "package.json"));
		const library = require.resolve(`sqlite-vec-${system}-${process.arch}/vec0.${suffix}`);
		build.onLoad({ filter: /[\\/]vector-library\.ts$/ }, () => ({
			loader: "ts",
			contents: `import file from ${JSON.stringify(library)} with { type: "file" };
export function vectorLibraryFile() { return file; }`,
		}));
	},
};

/** Puts an empty database into the executable, so that a first start need not make its tables one by one. */
const embedEmptyDatabase: BunPlugin = {
	name: "embed-empty-database",
	setup(build) {
		build.onLoad({ filter: /[\\/]empty-database-file\.ts$/ }, () => ({
			loader: "ts",
			contents: `import file from ${JSON.stringify(emptyDatabase.file)} with { type: "file" };
export function emptyDatabaseFile() { return file; }`,
		}));
	},
};

/** Puts the word vectors of the embedded model into the executable. */
const embedWordVectors: BunPlugin = {
	name: "embed-word-vectors",
	setup(build) {
		build.onLoad({ filter: /[\\/]word-vectors-file\.ts$/ }, () => ({
			loader: "ts",
			contents: `import file from ${JSON.stringify(wordVectorsFile())} with { type: "file" };
export function wordVectorsFile() { return file; }`,
		}));
	},
};

await using emptyDatabase = await temporaryDatabase();
await emptyDatabase.database.close();
mkdirSync(dirname(outputFile), { recursive: true });
const startedAt = performance.now();
const result = await Bun.build({
	entrypoints: [join(root, "packages", "cli", "src", "main.ts")],
	compile: { outfile: outputFile },
	target: "bun",
	format: "cjs",
	minify: true,
	bytecode: true,
	plugins: [embedVectorLibrary, embedEmptyDatabase, embedWordVectors],
});
for (const log of result.logs) console.error(log);
if (!result.success) process.exit(1);
const megabytes = (statSync(outputFile).size / 1024 / 1024).toFixed(1);
console.log(`${outputFile}: ${megabytes} MB, in ${Math.round(performance.now() - startedAt)} ms`);
