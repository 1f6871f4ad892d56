import { messageOf, tooLarge } from "../errors.ts";
import type { DownloadResponse, World } from "../world.ts";
import { checkedAddresses } from "./checked-address.ts";
import { ACCEPTED_ENCODINGS, decompressed } from "./decompressed.ts";
import { parseOutgoingUrl, type Reach, STRANGER, shownUrl } from "./outgoing-url.ts";
import { RefusedAddress } from "./refused-address.ts";

const MAX_REDIRECTS = 5;
/** Of the addresses of a name so many are tried. */
const MAX_TRIED = 3;
const REDIRECTS = [301, 302, 303, 307, 308];
/** Headers that another server may see that we are sent to. */
const HARMLESS_HEADERS = ["accept", "accept-encoding", "accept-language", "range", "user-agent", "if-none-match"];

export type OutgoingWorld = Pick<World, "network" | "timers">;

export interface OutgoingRequest {
	/** Where the address itself may lead. What a server redirects to is judged more strictly. */
	readonly reach?: Reach;
	readonly method?: "GET" | "POST";
	readonly headers?: Readonly<Record<string, string>>;
	readonly body?: string;
	/** More bytes than these break the answer off, before and after they are decompressed. */
	readonly maxBytes: number;
	/** From the call to the last byte of the body, redirects included. */
	readonly timeoutMs: number;
	readonly signal?: AbortSignal;
	/** Shown each answer on the way, the last one too. */
	readonly onAnswer?: (url: URL, answer: Pick<DownloadResponse, "status" | "header">) => void;
}

export interface OutgoingAnswer {
	readonly status: number;
	/** Where the answer came from, after redirects. */
	readonly url: string;
	header(name: string): string | undefined;
	/** The content, decompressed. Leaving the loop early breaks the request off. */
	readonly body: AsyncIterable<Uint8Array>;
	/** Leave the body where it is. */
	discard(): Promise<void>;
}

/**
 * Ask at an address that comes from outside: the only way to do so. Name, port and every address that the name has are
 * checked, the connection goes to one that was checked, and so again for each redirect. Rejects with a `RefusedAddress`
 * when it must not be asked, and with another error when it cannot be.
 */
export async function ask(world: OutgoingWorld, address: string, request: OutgoingRequest): Promise<OutgoingAnswer> {
	const { reach = STRANGER, timeoutMs, maxBytes } = request;
	const ended = new AbortController();
	const timer = world.timers.after(timeoutMs, () => ended.abort(new Error(`no answer within ${timeoutMs} ms`)));
	const signal = request.signal ? AbortSignal.any([request.signal, ended.signal]) : ended.signal;
	try {
		const { url, answer } = await follow(world, parseOutgoingUrl(address, reach), { ...request, reach, signal });
		const announced = Number(answer.header("content-length"));
		if (announced > maxBytes) {
			for await (const _ of answer.body) break;
			throw tooLarge("the answer", announced, maxBytes, "bytes");
		}
		const content = decompressed(counted(answer.body, maxBytes), answer.header("content-encoding"));
		return {
			status: answer.status,
			url: url.href,
			header: answer.header,
			body: during(counted(content, maxBytes), signal, () => timer.cancel()),
			async discard() {
				timer.cancel();
				for await (const _ of answer.body) break;
			},
		};
	} catch (error) {
		timer.cancel();
		throw error;
	}
}

/** The content of an answer as a whole. */
export async function contentOf(answer: Pick<OutgoingAnswer, "body">): Promise<Uint8Array> {
	const parts: Uint8Array[] = [];
	for await (const part of answer.body) parts.push(part);
	return Buffer.concat(parts);
}

interface Step extends OutgoingRequest {
	readonly reach: Reach;
	readonly signal: AbortSignal;
}

async function follow(world: OutgoingWorld, first: URL, step: Step): Promise<{ url: URL; answer: DownloadResponse }> {
	let { reach } = step;
	let url = first;
	for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
		const { addresses, isPrivate } = await unless(step.signal, checkedAddresses(world.network, url, reach));
		const answer = await connect(world, url, addresses, step, url.origin === first.origin);
		step.onAnswer?.(url, answer);
		const location = answer.header("location");
		const isFollowed = (step.method ?? "GET") === "GET" && REDIRECTS.includes(answer.status) && location !== undefined;
		if (!isFollowed) return { url, answer };
		for await (const _ of answer.body) break;
		if (redirects === 0) reach = reachOfRedirects(first, reach, isPrivate);
		url = redirected(url, location, reach);
	}
	throw new Error(`${shownUrl(first.href)} redirects too often`);
}

/**
 * What a server says is a stranger's word, whoever named the server. One that is inside may send us on to itself; none
 * may send us to others that are.
 */
function reachOfRedirects({ hostname, port }: URL, reach: Reach, isPrivate: boolean): Reach {
	const { ports = [], privateHosts = [] } = reach;
	return {
		...reach,
		mayHavePassword: false,
		ports: ports === "any" && !isPrivate ? (port === "" ? [] : [Number(port)]) : ports,
		privateHosts: privateHosts === "any" ? (isPrivate ? [hostname] : []) : privateHosts,
	};
}

function redirected(from: URL, location: string, reach: Reach): URL {
	if (!URL.canParse(location, from.href)) throw new RefusedAddress(`${shownUrl(from.href)} redirects to no address`);
	const url = parseOutgoingUrl(new URL(location, from).href, reach);
	if (from.protocol === "https:" && url.protocol === "http:") {
		throw new RefusedAddress(`${shownUrl(from.href)} redirects to ${shownUrl(url.href)}, which is not https`);
	}
	return url;
}

async function connect(
	{ network }: OutgoingWorld,
	url: URL,
	addresses: readonly string[],
	{ method = "GET", headers = {}, body, timeoutMs, signal }: Step,
	isAsked: boolean,
): Promise<DownloadResponse> {
	const sent = Object.entries({ "accept-encoding": ACCEPTED_ENCODINGS, ...headers }).filter(
		([name]) => isAsked || HARMLESS_HEADERS.includes(name.toLowerCase()),
	);
	const request = { method, headers: Object.fromEntries(sent), timeoutMs, signal, ...(body !== undefined && { body }) };
	if (addresses.length === 0) return network.download(url.href, request);
	const tried = addresses.slice(0, method === "GET" ? MAX_TRIED : 1);
	for (const [at, address] of tried.entries()) {
		try {
			return await network.download(url.href, { ...request, address });
		} catch (error) {
			if (at === tried.length - 1 || signal.aborted) throw error;
		}
	}
	throw new Error(`${url.host} has no address that answers`);
}

/** The bytes as they come, no more of them than there may be. */
async function* counted(body: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Uint8Array> {
	let bytes = 0;
	for await (const part of body) {
		bytes += part.byteLength;
		if (bytes > maxBytes) throw tooLarge("the answer", bytes, maxBytes, "bytes");
		yield part;
	}
}

async function* during(
	body: AsyncIterable<Uint8Array>,
	signal: AbortSignal,
	onEnd: () => void,
): AsyncGenerator<Uint8Array> {
	try {
		for await (const part of body) {
			signal.throwIfAborted();
			yield part;
		}
	} catch (error) {
		throw signal.aborted ? asError(signal.reason) : error;
	} finally {
		onEnd();
	}
}

/** What a promise gives, if it does so before somebody loses patience. */
async function unless<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
	signal.throwIfAborted();
	const { promise: aborted, reject } = Promise.withResolvers<never>();
	const onAbort = () => reject(asError(signal.reason));
	signal.addEventListener("abort", onAbort, { once: true });
	try {
		return await Promise.race([promise, aborted]);
	} finally {
		signal.removeEventListener("abort", onAbort);
	}
}

function asError(reason: unknown): Error {
	return reason instanceof Error ? reason : new Error(messageOf(reason));
}
