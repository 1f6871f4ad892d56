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
		throw new EmbeddingFailure(`${originOf(url)} does not answer: ${messageOf(error)}`);
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

/**
 * Vectors from a list of lists of numbers; undefined for one that has no direction. Throws unless there are `count`,
 * each of `dimensions` numbers when that is known.
 */
export function vectorsFrom(lists: unknown, count: number, dimensions: number | undefined): EmbeddedTexts {
	if (!Array.isArray(lists) || lists.length !== count) {
		throw new EmbeddingFailure(
			`the model answered ${Array.isArray(lists) ? lists.length : "no"} vectors for ${count} texts`,
		);
	}
	return lists.map((list: unknown) => {
		if (!Array.isArray(list)) throw new EmbeddingFailure("the model answered something that is no vector");
		const vector = new Float32Array(list);
		if (dimensions !== undefined && vector.length !== dimensions) {
			throw new EmbeddingFailure(
				`the model makes vectors of ${vector.length} numbers, but embedding.dimensions is ${dimensions}; correct it in agent.yaml`,
			);
		}
		return isUsableVector(vector, vector.length) ? vector : undefined;
	});
}

function originOf(url: string): string {
	return URL.canParse(url) ? new URL(url).origin : url;
}
