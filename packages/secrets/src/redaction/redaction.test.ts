import { describe, expect, test } from "bun:test";
import { seededWorld } from "@signet/core/testing";
import { realWorld } from "@signet/core/world";
import fc from "fast-check";
import { type PartLimits, RedactingStream, replaceValues, ValueFinder } from "./index.ts";

const world = seededWorld();
const { random } = world;
const LIMITS: PartLimits = { minValueChars: 4, minLineChars: 8, areLinesMixed: false };
const MARK = "[REDACTED]";
/** For tests of many cases, on a busy machine. */
const PATIENCE_MS = 60_000;

async function finderOf(...values: string[]): Promise<ValueFinder> {
	const finder = await ValueFinder.of(values, LIMITS, world);
	if (!finder) throw new Error("there is nothing to look for");
	return finder;
}

async function redact(text: string, ...values: string[]): Promise<string> {
	return replaceValues(text, await finderOf(...values), () => MARK).text;
}

/** The bytes of a text through a stream, in pieces of these lengths, over and over. */
function redactInPieces(bytes: Uint8Array, finder: ValueFinder, lengths: readonly number[]): string {
	const stream = new RedactingStream(finder, MARK);
	const parts: Uint8Array[] = [];
	for (let at = 0, turn = 0; at < bytes.length; turn++) {
		const length = lengths[turn % lengths.length] ?? 1;
		parts.push(stream.push(bytes.subarray(at, at + length)));
		at += length;
	}
	return Buffer.concat([...parts, stream.end()]).toString();
}

describe("values are replaced", () => {
	test("all of them, the longest first, and what is too short not at all", async () => {
		expect(await redact("abcd abcdef xyz\n", "abcd", "abcdef", "xyz")).toBe(`${MARK} ${MARK} xyz\n`);
		expect(await redact("abcd|abcd", "abcd")).toBe(`${MARK}|${MARK}`);
		expect(await redact("abcdabcd", "abcd")).toBe(MARK + MARK);
	});

	test("where they overlap, as one: nothing of either is left", async () => {
		expect(await redact("-abcdefgh-", "abcdef", "defgh")).toBe(`-${MARK}-`);
		expect(await redact("zzzzzzz", "zzzz")).toBe(MARK);
	});

	test("a text without any is the same text, be it well-formed or not", async () => {
		const finder = await finderOf("correct horse battery");
		for (const text of ["", "naïve ✓\n\ttab", "half a pair \ud83d and more", "correct horse"]) {
			expect(replaceValues(text, finder, () => MARK)).toEqual({ text, found: new Set() });
		}
	});

	test("what stands around one stays as it is, be it well-formed or not", async () => {
		expect(await redact("\ud83d pässwörd-🔐 \udd10 ✓", "pässwörd-🔐")).toBe(`\ud83d ${MARK} \udd10 ✓`);
	});

	test("whoever asks learns which ones were found, and a passage has the name of the longest", async () => {
		const found = replaceValues(
			"pk_test_51Hxyz and pässwörd",
			await finderOf("pk_test_51H", "pk_test_51Hxyz", "gone away"),
			(at) => `<${at}>`,
		);
		expect(found).toEqual({ text: "<1> and pässwörd", found: new Set([0, 1]) });
	});

	test("there is nothing to look for when all are too short", async () => {
		expect(await ValueFinder.of(["abc", ""], LIMITS, world)).toBeUndefined();
	});
});

/** What programs make of a value; each must be found, and nothing of it left. */
const encodings: Readonly<Record<string, (value: string) => string>> = {
	raw: (value) => value,
	"raw within words": (value) => `key${value}end`,
	JSON: (value) => JSON.stringify({ value }),
	"JSON in JSON": (value) => JSON.stringify(JSON.stringify({ value })),
	"JSON in ASCII": (value) =>
		JSON.stringify(value).replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`),
	address: (value) => `?q=${encodeURIComponent(value)}&x`,
	"address in lower case": (value) => encodeURIComponent(value).replace(/%../g, (each) => each.toLowerCase()),
	form: (value) => new URLSearchParams({ value }).toString(),
	HTML: (value) => Bun.escapeHTML(value),
	base64: (value) => Buffer.from(value).toString("base64"),
	"base64 of a line": (value) => Buffer.from(`${value}\n`).toString("base64"),
	"base64 after one byte": (value) => Buffer.from(`x${value}yz`).toString("base64"),
	"base64 after two bytes": (value) => Buffer.from(`xy${value}z`).toString("base64"),
	base64url: (value) => Buffer.from(`Basic:${value}`).toString("base64url"),
	"base64 in lines": (value) => wrapped(Buffer.from(`some header: ${value}`).toString("base64"), 64),
	"base64 in JSON lines": (value) =>
		JSON.stringify(wrapped(Buffer.from(`some header: ${value}`).toString("base64"), 76)),
	hex: (value) => Buffer.from(value).toString("hex"),
	HEX: (value) => Buffer.from(`ab${value}`).toString("hex").toUpperCase(),
	"hex in lines": (value) => wrapped(Buffer.from(`0${value}`).toString("hex"), 60),
	od: (value) =>
		wrapped(
			pairs(value)
				.map((pair) => ` ${pair}`)
				.join(""),
			48,
		),
	xxd: (value) => wrapped(Buffer.from(value).toString("hex").replace(/.{4}/g, "$& "), 40),
	fingerprint: (value) => pairs(value).join(":"),
	"string literal": (value) =>
		pairs(value)
			.map((pair) => `\\x${pair}`)
			.join(""),
	percent: (value) =>
		pairs(value)
			.map((pair) => `%${pair.toUpperCase()}`)
			.join(""),
	backwards: (value) => [...value].reverse().join(""),
};

function pairs(value: string): string[] {
	return Buffer.from(value).toString("hex").match(/../g) ?? [];
}

function wrapped(text: string, width: number): string {
	return text.match(new RegExp(`.{1,${width}}`, "gs"))?.join("\n") ?? text;
}

const aValue = fc
	.oneof(
		fc.string({ minLength: 8, maxLength: 60, unit: "grapheme-ascii" }),
		fc.string({ minLength: 8, maxLength: 60, unit: "binary" }),
		fc.base64String({ minLength: 20, maxLength: 400 }),
		fc.uint8Array({ minLength: 16, maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString("hex")),
		fc
			.array(fc.string({ minLength: 12, maxLength: 70, unit: "grapheme-ascii" }), { minLength: 2, maxLength: 8 })
			.map((lines) => lines.join("\n")),
	)
	// What the mark itself says cannot be taken away by putting it there.
	.filter((value) => value.trim().length >= 8 && !/[[\]REDACTED]{3}/.test(value));

describe("encoded forms", () => {
	test(
		"are found, whatever stands around them, and not there any more afterwards",
		async () => {
			const around = fc.string({ maxLength: 40, unit: "grapheme" });
			await fc.assert(
				fc.asyncProperty(aValue, around, async (value, around) => {
					const finder = await finderOf(value);
					for (const [name, encode] of Object.entries(encodings)) {
						const { text, found } = replaceValues(`${around} ${encode(value)} ${around}`, finder, () => MARK);
						const again = replaceValues(text, finder, () => MARK);
						expect([name, found.size, again.found.size]).toEqual([name, 1, 0]);
						expect(text).not.toContain(encode(value));
					}
				}),
				{ numRuns: 60 },
			);
		},
		PATIENCE_MS,
	);

	test("nothing of a value is left in them", async () => {
		const value = "pk_test_51Hxyz0000000-A";
		for (const [name, encode] of Object.entries(encodings)) {
			const left = (await redact(encode(value), value)).replaceAll(MARK, "");
			const bare = encode("").replace(/\n/g, "");
			expect([name, left.length - bare.length <= 6]).toEqual([name, true]);
		}
	});

	test("base64 as a program prints it goes as a whole, with the letters that the value shares and the padding", async () => {
		for (const value of ["pk_test_51Hxyz0000000", "pk_test_51Hxyz00000001", "pk_test_51Hxyz000000023"]) {
			expect(await redact(`${Buffer.from(value).toString("base64")}\n`, value)).toBe(`${MARK}\n`);
			expect((await redact(`${Buffer.from(`${value}\n`).toString("base64")}`, value)).length).toBeLessThanOrEqual(
				MARK.length + 4,
			);
		}
	});

	test("lines of a value are found by themselves, their frame and short ones are not", async () => {
		const key = `-----BEGIN KEY-----\n${"aB3+".repeat(16)}\nline two of it\nx: 1\n-----END KEY-----\n`;
		expect(await redact("line two of it", key)).toBe(MARK);
		expect(await redact(`${"aB3+".repeat(16)}\r\n-----BEGIN KEY-----\r\nx: 1`, key)).toBe(
			`${MARK}\r\n-----BEGIN KEY-----\r\nx: 1`,
		);
		expect(await redact(key.trim(), key)).toBe(MARK);
		expect(await redact(key.trim().replace(/\n/g, " "), key)).toBe(MARK);
		expect(await redact("TOKEN is s3cr3t-t0ken!", "NAME=x\nexport TOKEN='s3cr3t-t0ken'\n")).toBe(`TOKEN is ${MARK}!`);
	});

	test("of a long value what is cut off at either end is found", async () => {
		const value = Buffer.from(random.bytes(900)).toString("base64");
		expect(await redact(`<${value}>`, value)).toBe(`<${MARK}>`);
		expect(await redact(`${value}${value}`, value)).toBe(MARK + MARK);
		expect((await redact(value.slice(100), value)).length).toBeLessThan(200);
		expect((await redact(value.slice(0, -50), value)).length).toBeLessThan(400);
	});
});

describe("a stream", () => {
	test(
		"gives the same wherever it is divided",
		async () => {
			await fc.assert(
				fc.asyncProperty(
					fc.array(aValue, { minLength: 1, maxLength: 4 }),
					fc.array(
						fc.tuple(
							fc.nat(),
							fc.constantFrom(...Object.values(encodings)),
							fc.string({ maxLength: 300, unit: "grapheme" }),
						),
						{ maxLength: 12 },
					),
					fc.array(fc.integer({ min: 1, max: 4_000 }), { minLength: 1, maxLength: 6 }),
					fc.nat({ max: 30 }),
					async (values, said, lengths, repeated) => {
						const finder = await finderOf(...values);
						const once = said.map(([at, encode, around]) => encode(values[at % values.length] ?? "") + around).join("");
						const text = once + (values[0] ?? "").repeat(repeated) + once.repeat(1 + (repeated % 3));
						const whole = replaceValues(text.toWellFormed(), finder, () => MARK).text;
						expect(redactInPieces(Buffer.from(text), finder, lengths)).toBe(whole);
					},
				),
				{ numRuns: 100 },
			);
		},
		PATIENCE_MS,
	);

	test("divides no character, and gives what comes while it comes", async () => {
		const finder = await finderOf("pässwörd-🔐");
		const text = `${"🔐ö✓".repeat(20_000)}pässwörd-🔐${"é".repeat(5_000)}`;
		const stream = new RedactingStream(finder, MARK);
		const bytes = Buffer.from(text);
		let soFar = 0;
		const parts: Uint8Array[] = [];
		for (let at = 0; at < bytes.length; at += 777) {
			const part = stream.push(bytes.subarray(at, at + 777));
			soFar += part.length;
			parts.push(part);
		}
		expect(soFar).toBeGreaterThan(bytes.length * 0.9);
		expect(Buffer.concat([...parts, stream.end()]).toString()).toBe(text.replace("pässwörd-🔐", MARK));
	});

	test("a value that never ends is one", async () => {
		const bytes = Buffer.from(`<${"z".repeat(200_000)}>`);
		expect(redactInPieces(bytes, await finderOf("zzzzzz"), [1_000, 3, 70_000])).toBe(`<${MARK}>`);
	});
});

test(
	"plain forms are found exactly where a search for each of them finds them",
	async () => {
		const letters = fc.string({ unit: fc.constantFrom("a", "b", "c", " "), minLength: 4, maxLength: 9 });
		await fc.assert(
			fc.asyncProperty(
				fc.array(
					letters.filter((text) => text.trim().length >= 4),
					{ minLength: 1, maxLength: 6 },
				),
				fc.string({ unit: fc.constantFrom("a", "b", "c", " "), maxLength: 400 }),
				async (values, text) => {
					const covered = new Array<boolean>(text.length).fill(false);
					const forms = values
						.flatMap((value) => [value, value.trim(), value.trim().replace(/\s+/g, " ")])
						.filter((form) => form.length >= LIMITS.minValueChars);
					for (const form of forms.flatMap((each) => [each, [...each].reverse().join("")])) {
						for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + 1))
							covered.fill(true, at, at + form.length);
					}
					const left = [...text].filter((_, at) => !covered[at]).join("");
					expect((await redact(text, ...values)).replaceAll(MARK, "")).toBe(left);
				},
			),
			{ numRuns: 200 },
		);
	},
	PATIENCE_MS,
);

test("values and texts that repeat themselves take no longer than others", async () => {
	for (const value of ["x".repeat(20_000), "xy".repeat(10_000), "x".repeat(8), `${"x".repeat(4_000)}\n`.repeat(20)]) {
		const finder = await ValueFinder.of(
			[value],
			{ minValueChars: 8, minLineChars: 16, areLinesMixed: true },
			realWorld,
		);
		const text = value.repeat(Math.ceil(100_000 / value.length));
		const begunAt = performance.now();
		const replaced = finder && replaceValues(text, finder, () => "[gone]").text;
		expect(performance.now() - begunAt).toBeLessThan(1_000);
		expect(replaced?.length).toBeLessThan(value.length);
	}
}, 60_000);
