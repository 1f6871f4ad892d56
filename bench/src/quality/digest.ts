import type { Conversation } from "./conversation.ts";

/** What the figures were measured on: the first 16 digits of the SHA-256 of what was read. */
export function digestOf(conversations: readonly Conversation[]): string {
	return new Bun.CryptoHasher("sha256").update(JSON.stringify(conversations)).digest("hex").slice(0, 16);
}
