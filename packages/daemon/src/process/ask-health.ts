import type { Network } from "@signet/core";
import * as z from "zod/mini";

const TIMEOUT_MS = 1_000;

const healthSchema = () =>
	z.object({
		agentsDir: z.string(),
		pid: z.number(),
		version: z.string(),
		/** Of the run; other versions have none. */
		nonce: z.optional(z.string()),
	});

/** What a Signet daemon says of itself. */
export type Health = z.infer<ReturnType<typeof healthSchema>>;

/**
 * Who serves at an address, if it is a Signet daemon of any version and is well. One that asks for tokens says it only to
 * whoever has one.
 */
export async function askHealth(
	network: Network,
	url: string,
	{ timeoutMs = TIMEOUT_MS, token }: { timeoutMs?: number; token?: string | undefined } = {},
): Promise<Health | undefined> {
	try {
		const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
		const { text, status } = await network.fetch(`${url}/health`, { timeoutMs, headers });
		return status === 200 ? healthSchema().parse(JSON.parse(text)) : undefined;
	} catch {
		return undefined;
	}
}
