import type { GuardedValues, SealedTexts, SecretValues } from "@signet/secrets";

/** The vault, as far as commands and the guard need it. */
export type SecretVault = SecretValues & GuardedValues & SealedTexts;
