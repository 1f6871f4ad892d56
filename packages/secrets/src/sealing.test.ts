import { describe, expect, test } from "bun:test";
import { secretbox } from "@noble/ciphers/salsa.js";
import fc from "fast-check";
import { openAt, sealFor } from "./opening.ts";
import { bindingOf, type Key, keyProof, machineKey, open, seal, sealedBytes } from "./sealing.ts";

const fromHex = (text: string) => Uint8Array.from(Buffer.from(text, "hex"));
const toHex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

interface Vector {
	readonly identity: string;
	readonly key: string;
	readonly text: string;
	readonly nonce: string;
	readonly tag: string;
	readonly body: string;
	readonly ciphertext: string;
}

const VECTORS: Readonly<Record<string, Vector>> = {
	A: {
		identity: "0123456789abcdef0123456789abcdef",
		key: "89668901ca038f2b54077c7155fd611822b64504672140c7ca6f8cdc6fd680f4",
		text: "sk-test-1234567890",
		nonce: "000102030405060708090a0b0c0d0e0f1011121314151617",
		tag: "ac730d788ffb5d0b45216bf5ac012481",
		body: "6590e7a1252730c50807b60a3ffe99fc4483",
		ciphertext: "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXrHMNeI/7XQtFIWv1rAEkgWWQ56ElJzDFCAe2Cj/+mfxEgw==",
	},
	B: {
		identity: "0123456789abcdef0123456789abcdef",
		key: "89668901ca038f2b54077c7155fd611822b64504672140c7ca6f8cdc6fd680f4",
		text: "pässwörd-🔐",
		nonce: "ffeeddccbbaa99887766554433221100ffeeddccbbaa9988",
		tag: "02f8413666b234d5b5b78c37cd347f63",
		body: "df5bb56423155703eb94984e7eedde",
		ciphertext: "/+7dzLuqmYh3ZlVEMyIRAP/u3cy7qpmIAvhBNmayNNW1t4w3zTR/Y99btWQjFVcD65SYTn7t3g==",
	},
	C: {
		identity: "564D4E5A-0F3B-5C2E-9A1D-0123456789AB",
		key: "b9a379c3f16985420d023c2843165d29a23e314af8f3745562b16d0801000d3d",
		text: "x",
		nonce: "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7",
		tag: "673fc479a7f14d5169702fe12704f388",
		body: "81",
		ciphertext: "oKGio6SlpqeoqaqrrK2ur7CxsrO0tba3Zz/EeafxTVFpcC/hJwTziIE=",
	},
	D: {
		identity: "myhost-alice",
		key: "ceb2689729f10bb5b542d879933a3bb94ac708a159a7159a8dcb985cd30fdf9d",
		text: "line1\nline2\n",
		nonce: "101112131415161718191a1b1c1d1e1f2021222324252627",
		tag: "8f46edb709ca0096ddf145e59b6a428b",
		body: "060795c90bdf70b0d2a0990b",
		ciphertext: "EBESExQVFhcYGRobHB0eHyAhIiMkJSYnj0bttwnKAJbd8UXlm2pCiwYHlckL33Cw0qCZCw==",
	},
	E: {
		identity: "-user",
		key: "d219a41a0b319e114a8046e76443d69d449e93207ac83843dd30c7cc9f4ced8b",
		text: "",
		nonce: "00".repeat(24),
		tag: "1ff8aaa07811e6a2751465a3e13ea3ba",
		body: "",
		ciphertext: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAH/iqoHgR5qJ1FGWj4T6jug==",
	},
};
const named = Object.entries(VECTORS);

const opened = (key: Key, ciphertext: string) => {
	const bytes = sealedBytes(ciphertext);
	return bytes && open(key, bytes);
};

describe.each(named)("vector %s", (_, { identity, key, text, nonce, tag, body, ciphertext }) => {
	test("the key comes from the identity", () => {
		expect(toHex(machineKey(identity))).toBe(key);
	});

	test("the text is sealed to the same bytes, and comes out again", () => {
		expect(seal(fromHex(key), fromHex(nonce), text)).toBe(ciphertext);
		expect(toHex(sealedBytes(ciphertext) ?? new Uint8Array())).toBe(nonce + tag + body);
		expect(opened(fromHex(key), ciphertext)).toBe(text);
	});

	test("no bit of the nonce, the tag or the body can be another one", () => {
		const sealed = fromHex(nonce + tag + body);
		for (let bit = 0; bit < 8 * sealed.length; bit++) {
			const flipped = Uint8Array.from(sealed);
			flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
			expect([bit, open(fromHex(key), flipped)]).toEqual([bit, undefined]);
		}
	});

	test("the key of all zeros opens nothing", () => {
		expect(opened(new Uint8Array(32), ciphertext)).toBeUndefined();
	});
});

test("base64 is that of the earlier daemon and no other", () => {
	const { ciphertext = "" } = VECTORS.A ?? {};
	expect(sealedBytes(ciphertext.replaceAll("+", "-").replaceAll("/", "_"))).toBeUndefined();
	expect(sealedBytes(ciphertext.replaceAll("=", ""))).toBeUndefined();
	expect(sealedBytes(`${ciphertext}\n`)).toBeUndefined();
	expect(sealedBytes("not base64!")).toBeUndefined();
	expect(sealedBytes("")).toBeUndefined();
});

test("what is shorter than a nonce and a tag is refused", () => {
	expect(sealedBytes(Buffer.alloc(39).toString("base64"))).toBeUndefined();
	expect(sealedBytes(Buffer.alloc(40).toString("base64"))).toBeDefined();
});

test("bytes that are no text do not come out as another text", () => {
	const key = machineKey("m");
	const nonce = new Uint8Array(24);
	const sealed = Buffer.concat([nonce, secretbox(key, nonce).seal(Uint8Array.of(0xff, 0xfe))]);
	expect(open(key, sealed)).toBeUndefined();
});

const text = fc.string({ unit: "binary", minLength: 1, maxLength: 500 });
const key = fc.uint8Array({ minLength: 32, maxLength: 32 });
const bytesOf = fc.uint8Array({ minLength: 24, maxLength: 24 });
const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,20}$/);
const random = (nonce: Uint8Array) => ({ bytes: () => nonce });

test("whatever goes in comes out, also a mark at the beginning", () => {
	fc.assert(
		fc.property(text, key, bytesOf, (value, secretKey, nonce) => {
			expect(opened(secretKey, seal(secretKey, nonce, value))).toBe(value);
		}),
	);
	expect(opened(new Uint8Array(32), seal(new Uint8Array(32), new Uint8Array(24), "\ufeffvalue"))).toBe("\ufeffvalue");
});

test("any change of a sealed value is noticed, and so is any other key", () => {
	fc.assert(
		fc.property(text, key, bytesOf, fc.nat(), key, (value, secretKey, nonce, at, otherKey) => {
			const sealed = Uint8Array.from(Buffer.from(seal(secretKey, nonce, value), "base64"));
			const bit = at % (8 * sealed.length);
			sealed[bit >> 3] = (sealed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
			expect(open(secretKey, sealed)).toBeUndefined();
			expect(open(secretKey, sealed.subarray(0, sealed.length - 1))).toBeUndefined();
			fc.pre(Buffer.compare(secretKey, otherKey) !== 0);
			expect(opened(otherKey, seal(secretKey, nonce, value))).toBeUndefined();
		}),
	);
});

describe("what proves where a value belongs", () => {
	test("holds for that name and that ciphertext alone", () => {
		fc.assert(
			fc.property(name, name, text, key, bytesOf, (one, other, value, secretKey, nonce) => {
				const sealed = sealFor(one, value, secretKey, random(nonce));
				expect(openAt(one, sealed, [secretKey])).toMatchObject({ text: value, isBound: true });
				fc.pre(one !== other);
				expect(openAt(other, sealed, [secretKey])).toBe("moved");
			}),
		);
	});

	test("is absent in what the earlier daemon writes, which opens all the same", () => {
		const { ciphertext = "", key: hex = "" } = VECTORS.A ?? {};
		expect(openAt("FOO", { ciphertext }, [fromHex(hex)])).toMatchObject({ isBound: false });
		expect(openAt("FOO", { ciphertext, binding: null }, [fromHex(hex)])).toBe("moved");
		expect(openAt("FOO", { ciphertext, binding: "" }, [fromHex(hex)])).toBe("moved");
	});

	test("is another one under another key, and differs from what proves the key", () => {
		const [one, other] = [machineKey("one"), machineKey("other")];
		expect(bindingOf(one, "A", "c")).not.toBe(bindingOf(other, "A", "c"));
		expect(keyProof(one)).not.toBe(keyProof(other));
		expect(keyProof(one)).not.toBe(bindingOf(one, "", ""));
	});
});

test("the first key that opens a value is the one that counts", () => {
	const keys = ["one", "two", "three"].map(machineKey);
	const sealed = sealFor("A", "value", keys[1] ?? new Uint8Array(), random(new Uint8Array(24)));
	expect(openAt("A", sealed, keys)).toMatchObject({ key: keys[1] });
	expect(openAt("A", sealed, keys.slice(2))).toBe("foreign");
	expect(openAt("A", { ...sealed, ciphertext: sealed.ciphertext.slice(4) }, keys)).toBe("foreign");
	expect(openAt("A", { ...sealed, ciphertext: sealed.ciphertext.slice(1) }, keys)).toBe("damaged");
});
