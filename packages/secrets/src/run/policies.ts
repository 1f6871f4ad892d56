import { messageOf, RequestError } from "@signet/core";
import * as z from "zod/mini";
import { policySchema, type SecretPolicy } from "./policy.ts";
import type { SealedFile } from "./sealed-file.ts";

const fileSchema = () => z.object({ version: z.literal(1), policies: z.record(z.string(), policySchema()) });

/**
 * The policies of secrets, by their names. They are read at each use: whoever changes the file, by whatever program, has
 * changed what holds. A policy outlives its secret, so that taking a secret away and storing it anew frees it of nothing.
 */
export class Policies {
	constructor(private readonly file: SealedFile) {}

	/** All of them. Throws when they cannot be read: then nobody can say what is allowed. */
	all(): ReadonlyMap<string, SecretPolicy> {
		try {
			const text = this.file.read();
			return new Map(text === undefined ? [] : Object.entries(fileSchema().parse(JSON.parse(text)).policies));
		} catch (error) {
			throw new RequestError(
				503,
				"policies_unreadable",
				`What secrets may be used for cannot be read (${messageOf(error)}), so none is used; put the file back from a copy, or remove it and set the policies anew`,
			);
		}
	}

	/** The policy of a secret; empty when it has none. Throws as `all`. */
	of(name: string): SecretPolicy {
		return this.all().get(name) ?? {};
	}

	/** Let another policy hold for a secret, or with `undefined` none of its own. Throws as `all`. */
	set(name: string, policy: SecretPolicy | undefined): void {
		const policies = new Map(this.all());
		if (policy === undefined) policies.delete(name);
		else policies.set(name, policy);
		this.file.write(JSON.stringify({ version: 1, policies: Object.fromEntries(policies) }));
	}
}
