import { BUILT_IN_KEY } from "./built-in-key.ts";

/**
 * The keys of which one must have signed what is installed: Ed25519 public keys, the 32 bytes in base64. That of the
 * makers is in the program; who makes his own releases says so in the environment (`SIGNET_UPDATE_KEY`).
 */
export function trustedKeys(env: Readonly<Record<string, string | undefined>>): string[] {
	return [BUILT_IN_KEY, env.SIGNET_UPDATE_KEY ?? ""].filter((key) => key !== "");
}
