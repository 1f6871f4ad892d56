import { expect, test } from "bun:test";
import fc from "fast-check";
import { isLike, wordsOf } from "./plain-command.ts";

const variables = new Set(["KEY", "A"]);

test("a command of words alone is taken for what a shell takes it for", () => {
	const commands: readonly (readonly [string, readonly string[]])[] = [
		["npm publish", ["npm", "publish"]],
		["  curl  -H 'a b'  https://api.example.com/v1 ", ["curl", "-H", "a b", "https://api.example.com/v1"]],
		['curl -H "Authorization: Bearer $KEY" x', ["curl", "-H", "Authorization: Bearer $KEY", "x"]],
		[`echo \${A}b'c'"d"`, ["echo", `\${A}bcd`]],
		["printf ''", ["printf", ""]],
		['printf "$IFS"', ["printf", "$IFS"]],
	];
	for (const [command, words] of commands) expect(wordsOf(command, variables)).toEqual([...words]);
});

test("of anything that a shell computes or chains nobody says what it runs", () => {
	const commands = [
		"",
		"   ",
		"a; b",
		"a && b",
		"a | b",
		"a & b",
		"a > b",
		"a < b",
		"a $(b)",
		"a `b`",
		'a "$(b)"',
		'a "`b`"',
		"a \\; b",
		"a\nb",
		"a *",
		"a ~/b",
		"a $1",
		"a $'b'",
		`a \${b:-c}`,
		"a 'b",
		'a "b',
		"A=b c",
		"$A b",
		"a # b",
		"(a)",
		"a {b,c}",
		"a [b]",
		"a b$IFS",
		`a b\${IFS}c`,
		"a $PS4",
	];
	for (const command of commands) expect([command, wordsOf(command, variables)]).toEqual([command, undefined]);
});

test("words that come back are the arguments that a shell gives to a program", async () => {
	const text = fc.string({ unit: fc.constantFrom(..."ab $;|&'\"*?~\\`(){}<>!#=\n-./"), maxLength: 12 });
	await fc.assert(
		fc.asyncProperty(text, async (rest) => {
			const words = wordsOf(`show ${rest}`, variables);
			if (!words || words.some((word) => word.includes("$"))) return;
			const shell = Bun.spawn(
				["sh", "-c", `show() { for each in "$@"; do printf '%s\\0' "$each"; done; }; show ${rest}`],
				{
					stdin: "ignore",
					stderr: "ignore",
					env: {},
				},
			);
			const given = (await shell.stdout.text()).split("\0").slice(0, -1);
			expect(given).toEqual(words.slice(1));
		}),
		{ numRuns: 300 },
	);
}, 60_000);

test("a pattern is met word for word", () => {
	const words = ["curl", "-H", "Bearer $KEY", "https://api.example.com/v1/x"];
	const met = [
		"curl * * https://api.example.com/*",
		"curl ...",
		"curl -H ...",
		"c*l -* *$KEY *//api.*/v1/*",
		"curl -H Bearer*KEY https*x",
	];
	const missed = [
		"curl",
		"curl * https://api.example.com/*",
		"wget ...",
		"curl * * https://api.example.org/*",
		"curl * * * * ...",
		"*a* ...",
	];
	for (const pattern of met) expect([pattern, isLike(words, pattern)]).toEqual([pattern, true]);
	for (const pattern of missed) expect([pattern, isLike(words, pattern)]).toEqual([pattern, false]);
	expect(isLike(["aba"], "ab*ba")).toBe(false);
	expect(isLike(["npm"], "npm ...")).toBe(true);
});
