import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { compareVersions, isBreakingUpgrade, isExactVersion, majorOf } from "./version.ts";

describe("versions are compared", () => {
	test.each([
		["0.1.10", "0.1.9", 1],
		["v1.2.3", "1.2.3", 0],
		["1.2", "1.2.0", 0],
		["1.2.3", "1.2.3-beta.1", 1],
		["1.0.0-alpha", "1.0.0-alpha.1", -1],
		["1.0.0-alpha.1", "1.0.0-alpha.beta", -1],
		["1.0.0-2", "1.0.0-10", -1],
		["1.0.0-rc.1", "1.0.0-beta.11", 1],
		["1.0.0+b1", "1.0.0+b2", 0],
		["1.0.0-a..b", "1.0.0-a.b", 0],
		["unknown", "0.8.0", 1],
		["1.x", "1.9", 1],
		[" V2.0.0 ", "2.0.0", 0],
		["1.0.0-alpha-b", "1.0.0-alpha", 1],
	])("%s with %s: %d", (a, b, expected) => {
		expect(compareVersions(a, b)).toBe(expected);
		expect(compareVersions(b, a)).toBe(expected === 0 ? 0 : -expected);
	});

	test("in one order, whatever they are", () => {
		const part = fc.oneof(fc.nat(20).map(String), fc.constantFrom("alpha", "beta", "rc", "x-1"));
		const version = fc
			.tuple(fc.array(fc.nat(12), { minLength: 1, maxLength: 3 }), fc.array(part, { maxLength: 3 }))
			.map(([core, prerelease]) => core.join(".") + (prerelease.length > 0 ? `-${prerelease.join(".")}` : ""));
		fc.assert(
			fc.property(version, version, version, (a, b, c) => {
				expect(compareVersions(a, a)).toBe(0);
				expect(compareVersions(a, b) + compareVersions(b, a)).toBe(0);
				if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0) {
					expect(compareVersions(a, c)).toBeLessThanOrEqual(0);
				}
			}),
		);
	});
});

test("the first number", () => {
	expect(["1.2.3", "v12.0", "0.9.0", "unknown", ""].map(majorOf)).toEqual([1, 12, 0, 0, 0]);
});

test("steps that may break something", () => {
	const isBreaking = (from: string, to: string) => isBreakingUpgrade(from, to);
	expect(isBreaking("0.8.0", "0.9.0")).toBe(true);
	expect(isBreaking("0.9.0", "0.9.1")).toBe(false);
	expect(isBreaking("0.9.0", "1.0.0")).toBe(true);
	expect(isBreaking("1.2.0", "1.3.0")).toBe(false);
	expect(isBreaking("1.9.0", "2.0.0")).toBe(true);
});

describe("one version and nothing else", () => {
	test.each(["1.2.3", "0.9.0-rc.1", "10.20.30-alpha-1.x"])("%p is one", (text) => {
		expect(isExactVersion(text)).toBe(true);
	});
	test.each([
		"1.2",
		"v1.2.3",
		"1.2.3+build",
		"^1.2.3",
		"latest",
		"1.2.3 ",
		"1.2.3\n",
		"1.2.3-",
		"1.2.3-a..b",
		"../1.2.3",
		"1.2.3;rm",
		"--version",
		"1.2.3-$(x)",
		`1.2.3-${"a".repeat(100)}`,
	])("%p is none", (text) => {
		expect(isExactVersion(text)).toBe(false);
	});
});
