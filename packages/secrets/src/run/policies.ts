import { messageOf, RequestError } from "@signet/core";
import * as z from "zod/mini";
import { policySchema, type SecretPolicy } from "./policy.ts";

const fileSchema = () => z.object({ version: z.literal(1), policies: z.record(z.string(), policySchema()) });

/** Texts that are kept with the secrets and sealed like them. */
export interface SealedTexts {
	/** Undefined when there is none of that name. Rejects when it cannot be opened, or somebody has changed it. */
	sealedText(name: string): Promise<string | undefined>;
	/** Put another in its place. Nobody else changes anything meanwhile. */
	changeSealedText(name: string, change: (text: string | undefined) => string | undefined): Promise<void>;
}

const NAME = "policies";

/**
 * The policies of secrets, by their names. They are read at each use: whoever changes the file, by whatever program, has
 * changed what holds. A policy outlives its secret, so that taking a secret away and storing it anew frees it of nothing.
 */
export class Policies {
	constructor(private readonly texts: SealedTexts) {}

	/** All of them. Rejects when they cannot be read: then nobody can say what is allowed. */
	async all(): Promise<ReadonlyMap<string, SecretPolicy>> {
		try {
			return policiesIn(await this.texts.sealedText(NAME));
		} catch (error) {
			throw unreadable(error);
		}
	}

	/** The policy of a secret; empty when it has none. Rejects as `all`. */
	async of(name: string): Promise<SecretPolicy> {
		return (await this.all()).get(name) ?? {};
	}

	/** Let another policy hold for a secret, or with `undefined` none of its own. Rejects as `all`. */
	async set(name: string, policy: SecretPolicy | undefined): Promise<void> {
		await this.all();
		await this.texts.changeSealedText(NAME, (text) => {
			const policies = new Map(policiesIn(text));
			if (policy === undefined) policies.delete(name);
			else policies.set(name, policy);
			return JSON.stringify({ version: 1, policies: Object.fromEntries(policies) });
		});
	}
}

function policiesIn(text: string | undefined): ReadonlyMap<string, SecretPolicy> {
	return new Map(text === undefined ? [] : Object.entries(fileSchema().parse(JSON.parse(text)).policies));
}

function unreadable(error: unknown): RequestError {
	// What the vault says of itself is the whole matter: with it open, the policies are there.
	if (error instanceof RequestError && error.code === "secrets_locked") return error;
	return new RequestError(
		503,
		"policies_unreadable",
		`What secrets may be used for cannot be read (${messageOf(error)}), so none is used; put the vault back from a copy, or remove them from it and set them anew`,
	);
}
