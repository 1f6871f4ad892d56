import { argon2id } from "@noble/hashes/argon2.js";
import { serveThread } from "@signet/core";
import type { PassphraseRequest } from "./passphrase.ts";

/** Where a thread begins: a key from a passphrase, which takes seconds and much memory. */
serveThread(({ passphrase, salt, cost }: PassphraseRequest) =>
	argon2id(passphrase, salt, { t: cost.passes, m: cost.memoryKiB, p: cost.lanes, dkLen: 32 }),
);
