import { describe, expect, test } from "bun:test";
import { join, posix, relative, win32 } from "node:path";
import fc from "fast-check";
import { FileName } from "./file-name.ts";
import { RefusedFile } from "./refused-file.ts";

function refusalOf(make: () => FileName): string | undefined {
	try {
		make();
		return undefined;
	} catch (error) {
		if (error instanceof RefusedFile) return error.refusal;
		throw error;
	}
}

describe("a name that somebody gives", () => {
	test.each([
		"AGENTS.md",
		"memory/2026-02-12.md",
		"Grüße.md",
		"日本.md",
		"a b.md",
		".hidden",
		"x.tar.gz",
		"con2",
		"a~b",
	])("%p is a name", (text) => {
		expect(String(FileName.given(text))).toBe(text);
	});

	test.each([
		"",
		".",
		"..",
		"../AGENTS.md",
		"a/../../b",
		"a//b",
		"/etc/passwd",
		"a/",
		"./a",
		"C:\\Windows",
		"C:a",
		"a.md:stream",
		"a\\..\\b",
		"\\\\server\\share",
		"a\0.md",
		"a\nb",
		"a\u202Emd.exe",
		"a\u200B.md",
		"a.md.",
		"a.md ",
		" a.md",
		"CON",
		"con.md",
		"folder/NUL",
		"com1.txt",
		"lpt¹",
		"AUX .md",
		"SECRET~1",
		"GIT~1/config",
		"\uD800",
		"x".repeat(256),
		"ü".repeat(128),
		`${"a/".repeat(40)}b`,
		"%2e%2e/\u0000",
		"a|b",
		"*.md",
	])("%p is none", (text) => {
		expect(refusalOf(() => FileName.given(text))).toBe("unsafe_name");
	});

	test.each([
		".ssh/config",
		".SSH/config",
		"x/.gnupg/a",
		".aws/credentials",
		".secrets/secrets.enc",
		".daemon/auth-secret",
		".git/config",
		"ｉｄ_rsa",
		"id_rsa",
		"ID_ED25519",
		"server.pem",
		"a/b/tls.KEY",
		".env",
		".env.local",
		".netrc",
		"credentials",
		"credentials.json",
		".npmrc",
	])("%p is private", (text) => {
		expect(refusalOf(() => FileName.given(text))).toBe("private_file");
	});

	test("whatever is accepted lies below the folder on every system, and is private under no other spelling", () => {
		const piece = fc.oneof(
			fc.constantFrom(
				"..",
				".",
				"/",
				"\\",
				":",
				"C:",
				"\0",
				"~1",
				" ",
				".ssh",
				".secrets",
				"con",
				"a",
				"\u202e",
				"%2e",
			),
			fc.string({ unit: "grapheme", maxLength: 4 }),
		);
		fc.assert(
			fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
				let name: FileName;
				try {
					name = FileName.given(pieces.join(""));
				} catch (error) {
					expect(error).toBeInstanceOf(RefusedFile);
					return;
				}
				for (const system of [posix, win32]) {
					const root = system === posix ? "/home/ana/.agents" : "C:\\Users\\ana\\.agents";
					const there = system.relative(root, system.resolve(root, String(name)));
					expect(there.split(system.sep)).toEqual([...name.parts]);
				}
				expect(name.parts.some((part) => /^\.(ssh|secrets)$/i.test(part.normalize("NFKC").trim()))).toBe(false);
			}),
			{ seed: 4, numRuns: 3_000 },
		);
	});
});

describe("a name that was found on the disk", () => {
	test("is as it is there", () => {
		expect(FileName.found("notes", "Plan: 2026 .md").parts).toEqual(["notes", "Plan: 2026 .md"]);
		expect(relative("/r", join("/r", ...FileName.found("a\\b").parts))).toBe("a\\b");
	});

	test.each([[[]], [[".."]], [["a", ""]], [["a/b"]], [["a\0"]]])("%p was not", (parts) => {
		expect(refusalOf(() => FileName.found(...parts))).toBe("unsafe_name");
	});

	test("is private like any other", () => {
		expect(refusalOf(() => FileName.found("x", ".ssh", "config"))).toBe("private_file");
	});
});
