/** `npm run build`: make `dist/signet`, one file that needs nothing else on the machine. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import type { BunPlugin } from "bun";
import { temporaryDatabase } from "../packages/db/src/testing/index.ts";
import { wordVectorsFile } from "../packages/search/src/embeddings/word-vectors-file.ts";

const root = dirname(import.meta.dir);
const isWindows = process.platform === "win32";
/** Of 22 levels: the last one is an eighth smaller, and takes thirty times as long. */
const COMPRESSION_LEVEL = 9;
const workFolder = mkdtempSync(join(tmpdir(), "signet-build-"));
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

/** Puts the engine that runs sentence models into the executable, at a fifth of its size. */
const embedInferenceEngine: BunPlugin = {
	name: "embed-inference-engine",
	setup(build) {
		const require = createRequire(join(root, "packages", "search", "package.json"));
		const engine = readFileSync(require.resolve("onnxruntime-web/ort-wasm-simd-threaded.wasm"));
		const compressed = join(workFolder, "inference-engine.wasm.zst");
		writeFileSync(compressed, Bun.zstdCompressSync(engine, { level: COMPRESSION_LEVEL }));
		build.onLoad({ filter: /[\\/]wasm-file\.ts$/ }, () => ({
			loader: "ts",
			contents: `import { readFileSync } from "node:fs";
import file from ${JSON.stringify(compressed)} with { type: "file" };
export function wasmBinary() { return Bun.zstdDecompressSync(readFileSync(file)); }`,
		}));
	},
};

/** What runs in a thread or process of its own is an entry of its own, and lies beside the program in the executable. */
const EMBED_WORKER = join(root, "packages", "cli", "src", "commands", "embed-worker.ts");
const THREADS = [
	join(root, "packages", "db", "src", "sqlite", "database-thread.ts"),
	join(root, "packages", "db", "src", "sqlite", "log-thread.ts"),
	join(root, "packages", "search", "src", "projection", "projection-thread.ts"),
	join(root, "packages", "secrets", "src", "passphrase-thread.ts"),
];

const embedThreads: BunPlugin = {
	name: "embed-threads",
	setup(build) {
		build.onLoad({ filter: /-thread-file\.ts$/ }, ({ path }) => {
			const [, name = ""] = /([\w-]+)-thread-file\.ts$/.exec(path) ?? [];
			return { loader: "ts", contents: `export function ${name}ThreadFile() { return "./${name}-thread.ts"; }` };
		});
	},
};

const embedWorker: BunPlugin = {
	name: "embed-worker",
	setup(build) {
		build.onLoad({ filter: /[\\/]embed-worker-file\.ts$/ }, () => ({
			loader: "ts",
			contents: `export function embedWorkerFile() { return ${JSON.stringify(`./${basename(EMBED_WORKER)}`)}; }`,
		}));
	},
};

/** Puts the key of the makers into the executable, of whose releases it takes updates. */
const embedReleaseKey: BunPlugin = {
	name: "embed-release-key",
	setup(build) {
		const key = process.env.SIGNET_RELEASE_KEY ?? "";
		build.onLoad({ filter: /[\\/]built-in-key\.ts$/ }, () => ({
			loader: "ts",
			contents: `export const BUILT_IN_KEY = ${JSON.stringify(key)};`,
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
	entrypoints: [join(root, "packages", "cli", "src", "main.ts"), EMBED_WORKER, ...THREADS],
	naming: { entry: "[name].[ext]" },
	compile: { outfile: outputFile },
	target: "bun",
	format: "cjs",
	minify: true,
	bytecode: true,
	plugins: [
		embedVectorLibrary,
		embedEmptyDatabase,
		embedWordVectors,
		embedInferenceEngine,
		embedWorker,
		embedThreads,
		embedReleaseKey,
	],
});
rmSync(workFolder, { recursive: true, force: true });
for (const log of result.logs) console.error(log);
if (!result.success) process.exit(1);
const megabytes = (statSync(outputFile).size / 1024 / 1024).toFixed(1);
console.log(`${outputFile}: ${megabytes} MB, in ${Math.round(performance.now() - startedAt)} ms`);
