import { createReadStream, readdirSync, rmSync, statSync } from "node:fs";
import { type FileHandle, open, rename } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { messageOf, type Timer, type World } from "@signet/core";
import { type Digest, DigestMaker } from "./digests.ts";
import { type FetchedFile, fetchFile } from "./fetch-file.ts";
import { ModelProblem } from "./model-store.ts";

/** A connection on which nothing comes for so long is given up; what came is kept. */
const STALL_MS = 60_000;

type DownloadWorld = Pick<World, "network" | "timers">;

export interface Download {
	readonly url: string;
	/** What it becomes, once it is proved to be what it should be. */
	readonly file: string;
	/** What it must be; undefined: what the server says that it is. */
	readonly digest: Digest | undefined;
	readonly maxBytes: number;
	readonly signal?: AbortSignal;
	/** Told of bytes that are there, of all that there will be when that is known. */
	readonly onProgress: (bytes: number, total: number | undefined) => void;
}

/**
 * Download a file beside its place, go on with one that was broken off, and put it into its place once its digest is
 * right. Resolves to its SHA-256 in hex. Throws a `ModelProblem`; then its place is as it was.
 */
export async function download(world: DownloadWorld, wanted: Download): Promise<string> {
	const stalled = new AbortController();
	const signal = wanted.signal ? AbortSignal.any([wanted.signal, stalled.signal]) : stalled.signal;
	const patience = () =>
		world.timers.after(STALL_MS, () => stalled.abort(new Error(`nothing came for ${STALL_MS / 1000} s`)));
	const ask = async (fromByte: number) => {
		const stall = patience();
		try {
			return await fetchFile(world, wanted.url, { fromByte, signal });
		} finally {
			stall.cancel();
		}
	};
	const first = await ask(0);
	const digest = wanted.digest ?? first.digest;
	if (!digest) {
		await first.discard();
		throw new ModelProblem(`${wanted.url} comes without a digest, so it cannot be verified`);
	}
	if (first.digest && first.digest !== digest && kindOf(first.digest) === kindOf(digest)) {
		await first.discard();
		throw new ModelProblem(`${wanted.url} was not taken: it is ${first.digest}, and should be ${digest}`);
	}
	const part = partFile(wanted.file, digest);
	const { file, start } = await goOn(first, sizeOf(part), ask);
	const { response } = file;
	if (response.status !== 200 && response.status !== 206) {
		await file.discard();
		throw new ModelProblem(`${new URL(wanted.url).origin} answered ${response.status} for ${wanted.url}`);
	}
	removeOtherParts(wanted.file, part);
	const maker = new DigestMaker(digest);
	const handle = await open(part, start > 0 ? "a" : "w", 0o600);
	try {
		if (start > 0) for await (const bytes of createReadStream(part)) maker.add(bytes as Uint8Array);
		await receive(wanted, { response, handle, maker, start, patience });
		await handle.sync();
	} finally {
		await handle.close();
	}
	const made = maker.finish();
	if (made.digest !== digest) {
		rmSync(part);
		throw new ModelProblem(`${wanted.url} was not taken: it is ${made.digest}, and should be ${digest}`);
	}
	await rename(part, wanted.file);
	return made.sha256;
}

/** An answer with the part of a file that is not here yet, or with all of it, and the byte it starts from. */
async function goOn(
	first: FetchedFile,
	begun: number,
	ask: (fromByte: number) => Promise<FetchedFile>,
): Promise<{ file: FetchedFile; start: number }> {
	if (begun === 0 || first.response.status !== 200) return { file: first, start: 0 };
	await first.discard();
	const rest = await ask(begun);
	const { status, header } = rest.response;
	if (status === 206 && header("content-range")?.startsWith(`bytes ${begun}-`)) return { file: rest, start: begun };
	if (status === 200) return { file: rest, start: 0 };
	// What is here is more than there is, or the server does not know parts.
	await rest.discard();
	return { file: await ask(0), start: 0 };
}

interface Receiving {
	readonly response: FetchedFile["response"];
	readonly handle: FileHandle;
	readonly maker: DigestMaker;
	/** Bytes that are there already. */
	readonly start: number;
	/** Begins to wait for the next bytes, and ends the download when none come. */
	readonly patience: () => Timer;
}

async function receive(
	{ url, maxBytes, onProgress }: Download,
	{ response, handle, maker, start, patience }: Receiving,
): Promise<void> {
	const length = Number(response.header("content-length") ?? Number.NaN);
	const total = Number.isFinite(length) ? start + length : undefined;
	let received = start;
	let stall = patience();
	try {
		if ((total ?? 0) > maxBytes) throw new ModelProblem(`${url} has ${total} bytes; at most ${maxBytes} are taken`);
		for await (const bytes of response.body) {
			stall.cancel();
			received += bytes.length;
			if (received > maxBytes) throw new ModelProblem(`${url} has more than the ${maxBytes} bytes that are taken`);
			await handle.write(bytes);
			maker.add(bytes);
			onProgress(received, total);
			stall = patience();
		}
	} catch (error) {
		if (error instanceof ModelProblem) throw error;
		throw new ModelProblem(`The download of ${url} broke off after ${received} bytes: ${messageOf(error)}`);
	} finally {
		stall.cancel();
	}
	if (total !== undefined && received !== total) {
		throw new ModelProblem(`The download of ${url} broke off after ${received} of ${total} bytes`);
	}
}

function kindOf(digest: Digest): string {
	return digest.slice(0, digest.indexOf(":"));
}

/** Named by the digest, so that nothing goes on with part of another file. */
function partFile(file: string, digest: Digest): string {
	return `${file}.${digest.slice(digest.indexOf(":") + 1).slice(0, 16)}.part`;
}

function removeOtherParts(file: string, part: string): void {
	for (const name of readdirSync(dirname(file))) {
		const isPart = name.startsWith(`${basename(file)}.`) && name.endsWith(".part");
		if (isPart && name !== basename(part)) rmSync(join(dirname(file), name));
	}
}

function sizeOf(file: string): number {
	return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
