import { type DownloadResponse, messageOf } from "@signet/core";
import { ask, type OutgoingWorld, OWNER, RefusedAddress } from "@signet/core/outgoing";
import { type Digest, digestOfTag } from "./digests.ts";
import { ModelProblem } from "./model-store.ts";

const TOTAL_TIMEOUT_MS = 3_600_000;

export interface FetchedFile {
	readonly response: DownloadResponse;
	/** What the server that was asked says the whole file has. Those it sends us to only bring the bytes. */
	readonly digest: Digest | undefined;
	/** Leave the body of the answer where it is. */
	discard(): Promise<void>;
}

/** Ask for a file, from a byte on, and follow redirects to servers that prove who they are. Throws a `ModelProblem`. */
export async function fetchFile(
	world: OutgoingWorld,
	url: string,
	{ fromByte, signal }: { fromByte: number; signal: AbortSignal },
): Promise<FetchedFile> {
	const { origin } = new URL(url);
	let digest: Digest | undefined;
	try {
		const response = await ask(world, url, {
			// The person who runs this names the hub, by the environment or by leaving it as it is.
			reach: { ...OWNER, isProved: true },
			headers: { "accept-encoding": "identity", ...(fromByte > 0 && { range: `bytes=${fromByte}-` }) },
			// How much may come depends on the model, and is counted where it is written.
			maxBytes: Number.MAX_SAFE_INTEGER,
			timeoutMs: TOTAL_TIMEOUT_MS,
			signal,
			onAnswer(at, { header }) {
				if (at.origin === origin) digest ??= digestOfTag(header("x-linked-etag") ?? header("etag"));
			},
		});
		return { response, digest, discard: () => response.discard() };
	} catch (error) {
		if (error instanceof RefusedAddress) throw new ModelProblem(error.message);
		throw new ModelProblem(`${origin} does not answer: ${messageOf(error)}`);
	}
}

/** Whether a model may be asked for there: at a server that proves who it is, or one on this machine. */
export function isSecure(url: string): boolean {
	if (!URL.canParse(url)) return false;
	const { protocol, hostname } = new URL(url);
	return protocol === "https:" || (protocol === "http:" && isLoopback(hostname));
}

function isLoopback(hostname: string): boolean {
	return hostname === "localhost" || hostname === "[::1]" || /^127\./.test(hostname);
}
