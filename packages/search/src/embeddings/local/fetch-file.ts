import { type DownloadResponse, messageOf, type Network } from "@signet/core";
import { type Digest, digestOfTag } from "./digests.ts";
import { ModelProblem } from "./model-store.ts";

const MAX_REDIRECTS = 5;
const TOTAL_TIMEOUT_MS = 3_600_000;

export interface FetchedFile {
	readonly response: DownloadResponse;
	/** What the server that was asked says the whole file has. Those it sends us to only bring the bytes. */
	readonly digest: Digest | undefined;
}

/** Ask for a file, from a byte on, and follow redirects to servers that prove who they are. Throws a `ModelProblem`. */
export async function fetchFile(
	network: Pick<Network, "download">,
	url: string,
	{ fromByte, signal }: { fromByte: number; signal: AbortSignal },
): Promise<FetchedFile> {
	const headers = { "accept-encoding": "identity", ...(fromByte > 0 && { range: `bytes=${fromByte}-` }) };
	let digest: Digest | undefined;
	let at = url;
	for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
		const response = await network
			.download(at, { headers, timeoutMs: TOTAL_TIMEOUT_MS, signal })
			.catch((error: unknown) => {
				throw new ModelProblem(`${new URL(at).origin} does not answer: ${messageOf(error)}`);
			});
		if (new URL(at).origin === new URL(url).origin) {
			digest ??= digestOfTag(response.header("x-linked-etag") ?? response.header("etag"));
		}
		const location = response.header("location");
		if (response.status < 300 || response.status > 399 || !location) return { response, digest };
		await discard(response);
		at = new URL(location, at).href;
		refuseInsecure(at, url);
	}
	throw new ModelProblem(`${url} redirects too often`);
}

/** Leave the body of an answer where it is. */
export async function discard({ body }: DownloadResponse): Promise<void> {
	for await (const _ of body) break;
}

/** Whether a model may be asked for there: at a server that proves who it is, or one on this machine. */
export function isSecure(url: string): boolean {
	if (!URL.canParse(url)) return false;
	const { protocol, hostname } = new URL(url);
	return protocol === "https:" || (protocol === "http:" && isLoopback(hostname));
}

/** Nobody but a server on this machine sends us to another one on it. */
function refuseInsecure(location: string, asked: string): void {
	const isFromHere = isLoopback(new URL(asked).hostname);
	if (isFromHere ? isSecure(location) : new URL(location).protocol === "https:") return;
	throw new ModelProblem(`${asked} redirects to ${location}, which is not https`);
}

function isLoopback(hostname: string): boolean {
	return hostname === "localhost" || hostname === "[::1]" || /^127\./.test(hostname);
}
