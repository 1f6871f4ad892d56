import { messageOf, type Network, type NetworkResponse, OWNER, parseOutgoingUrl } from "@signet/core";
import { isUsableVector } from "../vector/similarity.ts";
import { type EmbeddedTexts, EmbeddingFailure } from "./provider.ts";

const MAX_QUOTED = 200;
/** Statuses that speak about the texts and not about the server. */
const REFUSALS = [400, 413, 422];

/**
 * The address of a path on a server that the owner named, with a slash at its end or without. Throws an
 * `EmbeddingFailure` when no server is asked there: `file:` and the like.
 */
export function addressOf(baseUrl: string, path: string): string {
	const address = baseUrl.replace(/\/$/, "") + path;
	try {
		parseOutgoingUrl(address, OWNER);
	} catch (error) {
		throw new EmbeddingFailure(`embedding.base_url in agent.yaml cannot be used: ${messageOf(error)}`);
	}
	return address;
}

/** POST a JSON body. Throws an `EmbeddingFailure` that names the server when it does not answer at all. */
export async function postJson(
	network: Network,
	url: string,
	body: unknown,
	{ timeoutMs, headers }: { timeoutMs: number; headers?: Readonly<Record<string, string>> },
): Promise<NetworkResponse> {
	try {
		return await network.fetch(url, {
			method: "POST",
			headers: { "content-type": "application/json", ...headers },
			body: JSON.stringify(body),
			timeoutMs,
		});
	} catch (error) {
		throw new EmbeddingFailure(`${originOf(url)} does not answer: ${reasonOf(error)}`);
	}
}

/** The object in an answer. Throws when the server refused or answered something else. */
export function objectIn(url: string, { status, text }: NetworkResponse): Record<string, unknown> {
	if (status < 200 || status > 299) {
		const message = `${originOf(url)} answered ${status}: ${text.slice(0, MAX_QUOTED).trim()}`;
		throw new EmbeddingFailure(message, REFUSALS.includes(status));
	}
	try {
		const parsed: unknown = JSON.parse(text);
		if (typeof parsed === "object" && parsed !== null) return parsed as Record<string, unknown>;
	} catch {
		// Said below, with what came instead.
	}
	throw new EmbeddingFailure(`${originOf(url)} answered no JSON object: ${text.slice(0, MAX_QUOTED).trim()}`);
}

/** How long vectors are to be. */
export interface ExpectedLength {
	/** As the configuration has it, or the model is known for. */
	readonly said: number | undefined;
	/** As they were before, where nobody says it. */
	readonly seen: number | undefined;
}

/**
 * Vectors from a list of lists of numbers; undefined for one that has no direction. Throws unless there are `count`, all
 * of one length, which is the expected one where any is.
 */
export function vectorsFrom(lists: unknown, count: number, { said, seen }: ExpectedLength): EmbeddedTexts {
	if (!Array.isArray(lists) || lists.length !== count) {
		throw new EmbeddingFailure(
			`the model answered ${Array.isArray(lists) ? lists.length : "no"} vectors for ${count} texts`,
		);
	}
	const vectors = Array.from(lists, (list: unknown) => {
		if (!Array.isArray(list)) throw new EmbeddingFailure("the model answered something that is no vector");
		return new Float32Array(list);
	});
	const length = said ?? seen ?? vectors[0]?.length;
	const other = vectors.find((vector) => vector.length !== length);
	if (other) throw new EmbeddingFailure(otherLength(other.length, { said, seen }));
	return vectors.map((vector) => (isUsableVector(vector, vector.length) ? vector : undefined));
}

function otherLength(length: number, { said, seen }: ExpectedLength): string {
	const made = `the model makes vectors of ${length} numbers`;
	if (said !== undefined) return `${made}, but embedding.dimensions is ${said}; correct it in agent.yaml`;
	if (seen === undefined) return "the model answered vectors of different lengths";
	return `${made}, and made ${seen} before; restart the daemon if that is meant, and all of them are made anew`;
}

/** Why a server does not answer; what happens most often in plain words. */
export function reasonOf(error: unknown): string {
	switch (error instanceof Error && "code" in error ? error.code : undefined) {
		case "ECONNREFUSED":
			return "nothing listens there";
		case "ENOTFOUND":
			return "there is no host of that name";
		default:
			return messageOf(error);
	}
}

function originOf(url: string): string {
	return URL.canParse(url) ? new URL(url).origin : url;
}
