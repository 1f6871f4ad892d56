import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { messageOf } from "@signet/core";
import * as z from "zod/mini";
import { sha256OfFile } from "./digests.ts";
import { KNOWN_MODELS, type KnownModel, knownModel } from "./known-models.ts";
import { type Recipe, readRecipe } from "./recipe.ts";

/** What a model is made of. */
export const MODEL_FILES = ["model.onnx", "tokenizer.json"] as const;
export type ModelFile = (typeof MODEL_FILES)[number];
/** SHA-256 in hex. */
export type ModelDigests = Readonly<Record<ModelFile, string>>;

/** Beside the files of a model: what they were when they were taken. */
const DIGESTS_FILE = "digests.json";
const digestsFile = z.object({
	files: z.object({ "model.onnx": z.string(), "tokenizer.json": z.string() }),
	/** Where they were downloaded from; null for those that were placed by hand. */
	source: z.nullable(z.string()),
});

/** A model cannot be had or used. The message says why and what to do, in words for the person who named it. */
export class ModelProblem extends Error {
	override readonly name = "ModelProblem";
}

/** Where a model lies, or would lie. */
export interface ModelPlace {
	readonly name: string;
	readonly folder: string;
	readonly known: KnownModel | undefined;
}

/** A model whose files are what they were when they were taken, or were then. */
export interface TakenModel extends ModelPlace {
	readonly digests: ModelDigests;
	readonly source: string | null;
	readonly recipe: Recipe;
	/** Tells its vectors from all that were made in another way: by other files, other prefixes, another pooling. */
	readonly identity: string;
}

export interface ListedModel {
	readonly name: string;
	readonly known: KnownModel | undefined;
	readonly state: "ready" | "placed" | "partial" | "absent";
	readonly bytes: number;
}

/** The models of a workspace, a folder each. */
export class ModelStore {
	/** Digests of models in folders where nothing can be written. */
	readonly #unwritten = new Map<string, z.infer<typeof digestsFile>>();

	constructor(
		private readonly folder: string,
		/** What a relative path starts from. */
		private readonly root: string,
	) {}

	/** The place that `embedding.model` means: a known name, a folder here, or a path. Throws a `ModelProblem`. */
	place(model: string): ModelPlace {
		const known = knownModel(model);
		if (known) return { name: known.name, folder: join(this.folder, known.name), known };
		if (isName(model)) return { name: model, folder: join(this.folder, model), known: undefined };
		const path = resolve(this.root, model.replace(/^~(?=[\\/])/, homedir()));
		const folder = basename(path) === "model.onnx" ? dirname(path) : path;
		return { name: basename(folder), folder, known: undefined };
	}

	/** Whether all files of a model are there. */
	has({ folder }: ModelPlace): boolean {
		return MODEL_FILES.every((file) => existsSync(join(folder, file)));
	}

	/** The model at a place, if its files were taken once. Throws a `ModelProblem` when it is not the one that is meant. */
	taken(place: ModelPlace, expectedDigest?: string): TakenModel | undefined {
		const kept = this.has(place) ? this.#readDigests(place) : undefined;
		if (!kept) return undefined;
		const { files: digests, source } = kept;
		if (expectedDigest !== undefined) refuseOther(place, digests["model.onnx"], expectedDigest);
		const recipe = readRecipe(place.folder, place.known?.recipe);
		const told = JSON.stringify([recipe, digests["model.onnx"], digests["tokenizer.json"]]);
		const identity = `local:${place.name}#${new Bun.CryptoHasher("sha256").update(told).digest("hex").slice(0, 8)}`;
		return { ...place, digests, source, recipe, identity };
	}

	/** Throws a `ModelProblem` that says what is missing, if a model is not here. */
	demand(place: ModelPlace): void {
		if (this.has(place)) return;
		const missing = MODEL_FILES.filter((file) => !existsSync(join(place.folder, file)));
		throw new ModelProblem(
			`There is no ${missing.join(" and no ")} in ${place.folder}. Put both there, or name one of ${KNOWN_MODELS.map(({ name }) => name).join(", ")}`,
		);
	}

	/** Take what was placed by hand as it is now; from then on it must stay so. Throws a `ModelProblem`. */
	async take(place: ModelPlace, expectedDigest?: string): Promise<void> {
		this.demand(place);
		const { folder } = place;
		const model = await sha256OfFile(join(folder, "model.onnx"));
		if (expectedDigest !== undefined) refuseOther(place, model, expectedDigest);
		const tokenizer = await sha256OfFile(join(folder, "tokenizer.json"));
		this.keepDigests(place, { "model.onnx": model, "tokenizer.json": tokenizer }, null);
	}

	/**
	 * Whether a model is here and is what it was when it was taken; takes it if it was not. One that was downloaded and
	 * has changed since is not here any more. Throws a `ModelProblem` when it was placed by hand and has changed.
	 */
	async refresh(place: ModelPlace, expectedDigest?: string): Promise<boolean> {
		if (!this.has(place)) return false;
		const taken = this.taken(place, expectedDigest);
		if (!taken) {
			await this.take(place, expectedDigest);
			return true;
		}
		const found = await Promise.all(MODEL_FILES.map((file) => sha256OfFile(join(place.folder, file))));
		const changed = MODEL_FILES.filter((file, at) => found[at] !== taken.digests[file]);
		if (changed.length === 0) return true;
		if (taken.source !== null) {
			for (const file of [...changed, DIGESTS_FILE]) rmSync(join(place.folder, file));
			return false;
		}
		throw new ModelProblem(
			`${changed.join(" and ")} in ${place.folder} changed since the model was taken. If that was meant, remove ${DIGESTS_FILE} there`,
		);
	}

	/** Note what the files of a model are. */
	keepDigests({ folder }: ModelPlace, files: ModelDigests, source: string | null): void {
		const kept = { files, source };
		try {
			const file = join(folder, DIGESTS_FILE);
			writeFileSync(`${file}.new`, `${JSON.stringify(kept, null, 2)}\n`);
			renameSync(`${file}.new`, file);
		} catch {
			// Somebody else's folder. Then it holds as long as this process does.
			this.#unwritten.set(folder, kept);
		}
	}

	/** Make the folder of a model that is to be downloaded. */
	make({ folder }: ModelPlace): void {
		mkdirSync(folder, { recursive: true, mode: 0o700 });
	}

	/** The known models and those that are here besides. */
	list(): ListedModel[] {
		const here = existsSync(this.folder) ? readdirSync(this.folder).filter(isName) : [];
		const names = new Set([...KNOWN_MODELS.map(({ name }) => name), ...here.sort()]);
		return [...names].map((name) => {
			const place = this.place(name);
			return { name, known: place.known, state: this.#stateOf(place), bytes: bytesIn(place.folder) };
		});
	}

	/** Remove a model that was downloaded; resolves to the bytes that were freed. Throws a `ModelProblem`. */
	remove(model: string): number {
		const place = this.place(model);
		if (!existsSync(place.folder)) throw new ModelProblem(`${place.name} is not here`);
		const isInside = dirname(place.folder) === this.folder;
		const isOurs = isInside && (this.#readDigests(place)?.source || (place.known && !this.has(place)));
		if (!isOurs) {
			throw new ModelProblem(`${place.name} was placed by hand. Remove the folder ${place.folder} yourself`);
		}
		const bytes = bytesIn(place.folder);
		rmSync(place.folder, { recursive: true, force: true });
		return bytes;
	}

	#stateOf(place: ModelPlace): ListedModel["state"] {
		if (this.has(place)) return this.#readDigests(place) ? "ready" : "placed";
		return existsSync(place.folder) ? "partial" : "absent";
	}

	#readDigests({ folder }: ModelPlace): z.infer<typeof digestsFile> | undefined {
		const file = join(folder, DIGESTS_FILE);
		if (!existsSync(file)) return this.#unwritten.get(folder);
		try {
			return digestsFile.parse(JSON.parse(readFileSync(file, "utf8")));
		} catch (error) {
			throw new ModelProblem(`${file} cannot be read: ${messageOf(error)}. Remove it to take the model as it is`);
		}
	}
}

function refuseOther({ folder }: ModelPlace, found: string, expected: string): void {
	if (found === expected) return;
	throw new ModelProblem(
		`${join(folder, "model.onnx")} is refused: its SHA-256 is ${found}, and embedding.digest in agent.yaml says ${expected}`,
	);
}

/** Letters, digits, and what stands inside a name; anything else is a path. */
function isName(text: string): boolean {
	return /^[A-Za-z0-9][\w.-]*$/.test(text);
}

function bytesIn(folder: string): number {
	if (!existsSync(folder)) return 0;
	return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}
