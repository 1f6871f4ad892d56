import {
	type EmbeddingSettings,
	isSecretName,
	messageOf,
	notFound,
	RequestError,
	referredSecret,
	type SecretSource,
} from "@signet/core";
import { EmbeddingFailure } from "./provider.ts";

/** How a server is reached, with what the vault keeps of it. */
export interface Connection {
	readonly baseUrl: string;
	readonly apiKey: string | undefined;
}

/** Where there is no vault. */
export const NO_SECRETS: SecretSource = {
	changes: 0,
	resolve: (name) => Promise.reject(notFound(`Secret '${name}' not found`)),
};

/** What goes into a header is visible ASCII; whatever else stands there would be told in the refusal. */
const KEY = /^[\x21-\x7e]+$/;

/** Whether any of it is kept in the vault. */
export function refersToSecret({ baseUrl, apiKey }: EmbeddingSettings): boolean {
	return [baseUrl, apiKey ?? ""].some((text) => referredSecret(text) !== undefined);
}

/**
 * Address and key of a server; what refers to a secret is its value. Throws an `EmbeddingFailure` that says which secret
 * cannot be had: a reference is never sent.
 */
export async function connectionOf(
	{ baseUrl, apiKey }: EmbeddingSettings,
	secrets: Pick<SecretSource, "resolve">,
): Promise<Connection> {
	const key = apiKey && (await secretOrText("embedding.api_key", apiKey, secrets));
	if (key && !KEY.test(key)) throw new EmbeddingFailure("embedding.api_key has blanks or other signs that no key has");
	return { baseUrl: await secretOrText("embedding.base_url", baseUrl, secrets), apiKey: key };
}

async function secretOrText(setting: string, text: string, secrets: Pick<SecretSource, "resolve">): Promise<string> {
	const name = referredSecret(text);
	if (name === undefined) return text;
	if (!isSecretName(name)) throw new EmbeddingFailure(`${setting} is ${text}, and no secret can be called so`);
	try {
		// Whoever stores a secret from a file stores its last line break too.
		return (await secrets.resolve(name)).trim();
	} catch (error) {
		const isMissing = error instanceof RequestError && error.code === "not_found";
		const advice = isMissing ? `; store it: signet secret put ${name}` : "";
		throw new EmbeddingFailure(`${setting} is ${text}. ${messageOf(error)}${advice}`);
	}
}
