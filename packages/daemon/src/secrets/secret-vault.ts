import type { GuardedValues, Sealer, SecretValues } from "@signet/secrets";

/** The store of secrets, as far as commands and the guard need it. */
export interface SecretVault extends SecretValues, GuardedValues {
	/** Encrypts what is kept beside it. */
	readonly sealer: Sealer;
}
