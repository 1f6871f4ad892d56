/** Put in when the program is built (`SIGNET_RELEASE_KEY`); empty in the sources, which are updated by other means. */
const BUILT_IN_KEY = "";

/**
 * The keys of which one must have signed what is installed: Ed25519 public keys, the 32 bytes in base64. That of the
 * makers is in the program; who makes his own releases says so in the environment (`SIGNET_UPDATE_KEY`).
 */
export function trustedKeys(env: Readonly<Record<string, string | undefined>>): string[] {
	return [BUILT_IN_KEY, env.SIGNET_UPDATE_KEY ?? ""].filter((key) => key !== "");
}
