import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { MalformedStore, StoredFile, type StoredSecret } from "./stored-file.ts";

const FIXTURES = join(import.meta.dir, "..", "..", "..", "tests", "contract", "fixtures", "secrets");
const TIME = "2026-02-27T00:00:00.000Z";
const secretOf = (ciphertext: string, updated = TIME): StoredSecret => ({ ciphertext, created: TIME, updated });

test("a store is written byte for byte as the earlier daemon writes it", () => {
	const { text } = StoredFile.empty
		.withSecret("FOO", secretOf("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXrHMNeI/7XQtFIWv1rAEkgWWQ56ElJzDFCAe2Cj/+mfxEgw=="))
		.withSecret(
			"UTF8",
			secretOf(
				"/+7dzLuqmYh3ZlVEMyIRAP/u3cy7qpmIAvhBNmayNNW1t4w3zTR/Y99btWQjFVcD65SYTn7t3g==",
				"2026-02-28T12:34:56.789Z",
			),
		);
	expect(Buffer.byteLength(text)).toBe(460);
	expect(createHash("sha256").update(text).digest("hex")).toBe(
		"db20ee86f276addd11d318d3ba372cc99206b9ed4b7abdc30184cd4ff87e7836",
	);
});

test.each(["secrets.enc", "mixed.enc", "damaged.enc"])("%s comes out as it went in", (name) => {
	const text = readFileSync(join(FIXTURES, name), "utf8");
	expect(StoredFile.parse(text).text).toBe(text);
});

test("whatever names and fields there are, they come out as they went in", () => {
	const name = fc.oneof(
		fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,12}$/),
		fc.constantFrom("__proto__", "constructor", "toString", "hasOwnProperty", "valueOf", "exec", "version", "secrets"),
	);
	const field = fc.stringMatching(/^[a-z]{4,9}$/);
	const entry = fc.record({
		ciphertext: fc.base64String(),
		created: fc.constant(TIME),
		updated: fc.constant(TIME),
		extra: fc.jsonValue(),
	});
	fc.assert(
		fc.property(
			fc.uniqueArray(fc.tuple(name, entry), { selector: ([each]) => each }),
			field,
			fc.jsonValue(),
			(entries, extra, value) => {
				fc.pre(!["version", "secrets"].includes(extra));
				const secrets = Object.fromEntries(entries);
				const text = JSON.stringify({ version: 1, [extra]: value, secrets, last: true }, null, 2);
				const file = StoredFile.parse(text);
				expect(file.text).toBe(text);
				expect([...file.secrets.keys()]).toEqual(entries.map(([each]) => each));
				for (const [each] of entries) expect(file.withoutSecret(each).secrets.has(each)).toBe(false);
			},
		),
	);
});

test("names that every object has are names like any other", () => {
	const file = StoredFile.empty.withSecret("__proto__", secretOf("a")).withSecret("toString", secretOf("b"));
	expect([...StoredFile.parse(file.text).secrets.keys()]).toEqual(["__proto__", "toString"]);
	expect(StoredFile.empty.secrets.has("constructor")).toBe(false);
});

test("one that takes the place of another stands where that stood", () => {
	const file = ["A", "B", "C"].reduce((made, name) => made.withSecret(name, secretOf(name)), StoredFile.empty);
	expect([...file.withSecret("A", secretOf("anew")).secrets.keys()]).toEqual(["A", "B", "C"]);
	expect([...file.withoutSecret("A").withSecret("A", secretOf("a")).secrets.keys()]).toEqual(["B", "C", "A"]);
});

describe("what is no store of version 1 is refused", () => {
	const entry = { ciphertext: "", created: TIME, updated: TIME };
	test.each([
		["nothing", ""],
		["a part", '{"version": 1, "secrets": {"DB_PASS'],
		["no JSON", "hello"],
		["a list", "[]"],
		["null", "null"],
		["a number", "1"],
		["no version", '{"secrets":{}}'],
		["a version in words", '{"version":"1","secrets":{}}'],
		["a later version", '{"version":2,"secrets":{}}'],
		["no secrets", '{"version":1}'],
		["a list of secrets", '{"version":1,"secrets":[]}'],
		["a secret that is text", '{"version":1,"secrets":{"A":"x"}}'],
		["a secret without times", '{"version":1,"secrets":{"A":{"ciphertext":"x"}}}'],
		["a ciphertext that is none", JSON.stringify({ version: 1, secrets: { A: { ...entry, ciphertext: 1 } } })],
		["a name that none can have", JSON.stringify({ version: 1, secrets: { "a-b": entry } })],
		["a number as a name", JSON.stringify({ version: 1, secrets: { 7: entry } })],
	])("%s", (_, text) => {
		expect(() => StoredFile.parse(text)).toThrow(MalformedStore);
	});

	test("nothing of what is in it is told", () => {
		const told = (text: string) => {
			try {
				return StoredFile.parse(text).text;
			} catch (error) {
				return String(error);
			}
		};
		expect(told("hunter2-hunter2")).not.toContain("hunter2");
		expect(told('{"version":1,"secrets":{"A":{"ciphertext":"x","created":1')).not.toContain("created");
	});
});
