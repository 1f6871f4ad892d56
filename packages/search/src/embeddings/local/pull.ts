import { closeSync, existsSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { World } from "@signet/core";
import { download } from "./download.ts";
import { isSecure } from "./fetch-file.ts";
import { KNOWN_MODELS, type KnownModel } from "./known-models.ts";
import { type ModelDigests, type ModelFile, type ModelPlace, ModelProblem, type ModelStore } from "./model-store.ts";

const MEGABYTE = 1_000_000;
/** Files may be that much larger than they were when they were last looked at. */
const GROWTH = 1.5;
/** The process that downloads a model, by its number. */
const LOCK_FILE = "pulling";

export interface Pull {
	readonly store: ModelStore;
	readonly place: ModelPlace;
	readonly world: Pick<World, "network" | "timers" | "processes">;
	readonly hub: string;
	/** SHA-256 in hex that the model must have; undefined: what the hub says that it has. */
	readonly digest?: string | undefined;
	readonly signal?: AbortSignal;
	/** Told of bytes that are there, of all that there will be as far as that is known. */
	readonly onProgress: (bytes: number, total: number) => void;
}

/**
 * Download a known model into its place and take it. Throws a `ModelProblem`. One process does it at a time; what was
 * broken off goes on where it was.
 */
export async function pullModel(pull: Pull): Promise<void> {
	const { store, place, hub } = pull;
	const { known } = place;
	if (!known) {
		throw new ModelProblem(
			`There is no model ${place.name} that can be downloaded; there are ${KNOWN_MODELS.map(({ name }) => name).join(", ")}`,
		);
	}
	if (!isSecure(hub)) throw new ModelProblem(`SIGNET_MODEL_URL is ${hub}, which is no https address`);
	if (pull.digest !== undefined && !/^[0-9a-f]{64}$/.test(pull.digest)) {
		throw new ModelProblem("embedding.digest in agent.yaml is no SHA-256 in hex, so nothing can be verified by it");
	}
	store.make(place);
	const lock = join(place.folder, LOCK_FILE);
	lockPull(pull, lock);
	try {
		const digests = await pullFiles(pull, known);
		store.keepDigests(place, digests, `${hub}/${known.repository}`);
	} finally {
		rmSync(lock, { force: true });
	}
}

async function pullFiles(pull: Pull, known: KnownModel): Promise<ModelDigests> {
	const { place, hub, world, digest, signal } = pull;
	const total = known.megabytes * MEGABYTE;
	let done = 0;
	const pullFile = async (name: ModelFile) => {
		let bytes = 0;
		const sha256 = await download(world, {
			url: `${hub.replace(/\/$/, "")}/${known.repository}/resolve/main/${known.files[name]}`,
			file: join(place.folder, name),
			digest: name === "model.onnx" && digest !== undefined ? `sha256:${digest}` : undefined,
			maxBytes: total * GROWTH,
			...(signal && { signal }),
			onProgress(received) {
				bytes = received;
				pull.onProgress(done + bytes, Math.max(total, done + bytes));
			},
		});
		done += bytes;
		return sha256;
	};
	// The small one first: what is wrong with the address shows at once.
	const tokenizer = await pullFile("tokenizer.json");
	return { "model.onnx": await pullFile("model.onnx"), "tokenizer.json": tokenizer };
}

function lockPull({ place, world }: Pull, file: string): void {
	const holder = existsSync(file) ? Number(readFileSync(file, "utf8")) : Number.NaN;
	if (Number.isInteger(holder) && holder !== process.pid && world.processes.isAlive(holder)) {
		throw new ModelProblem(
			`Process ${holder} is downloading ${place.name} at the moment. If it is not, remove ${file}`,
		);
	}
	rmSync(file, { force: true });
	try {
		const descriptor = openSync(file, "wx", 0o600);
		writeSync(descriptor, String(process.pid));
		closeSync(descriptor);
	} catch {
		throw new ModelProblem(`Another process has just begun to download ${place.name}`);
	}
}
