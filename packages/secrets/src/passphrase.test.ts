import { expect, test } from "bun:test";
import { newDerivation, passphraseKey, USUAL_COST } from "./passphrase.ts";
import { CHEAP } from "./testing/index.ts";

const random = { bytes: (length: number) => crypto.getRandomValues(new Uint8Array(length)) };

test("the key is what another implementation of Argon2id makes", async () => {
	const derivation = newDerivation(random, { ...CHEAP, memoryKiB: 256, passes: 2 });
	const key = await passphraseKey("correct horse", derivation);
	const plain = (base64: string) => base64.replaceAll("=", "");
	const { memoryKiB, passes, lanes, salt } = derivation;
	const written = `$argon2id$v=19$m=${memoryKiB},t=${passes},p=${lanes}$${plain(salt)}$${plain(Buffer.from(key).toString("base64"))}`;
	expect(key).toHaveLength(32);
	expect(await Bun.password.verify("correct horse", written)).toBe(true);
	expect(await Bun.password.verify("correct house", written)).toBe(false);
});

test("another salt makes another key, and the usual price is what RFC 9106 recommends", async () => {
	const [one, other] = [newDerivation(random, CHEAP), newDerivation(random, CHEAP)];
	const keys = await Promise.all([one, other].map((each) => passphraseKey("correct horse", each)));
	expect(keys[0]).not.toEqual(keys[1]);
	expect(USUAL_COST).toEqual({ memoryKiB: 65_536, passes: 3, lanes: 4 });
	expect(newDerivation(random)).toMatchObject({ kdf: "argon2id", memoryKiB: 65_536, passes: 3, lanes: 4 });
});
