import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { chunkMarkdown } from "./markdown.ts";

const textsOf = (markdown: string) => chunkMarkdown(markdown).map(({ text }) => text);

describe("chunkMarkdown", () => {
	test.each<[string, string, string[]]>([
		[
			"sections under their headings",
			"# A\n\none\n\n## B\ntwo\n\n### C\n\nthree\n",
			["# A\n\none", "## B\n\ntwo", "### C\n\nthree"],
		],
		["text before the first heading", "intro\n\n# A\n\none", ["intro", "# A\n\none"]],
		["deeper headings as text", "# A\n\n#### deep\n\none", ["# A\n\n#### deep\n\none"]],
		["no heading at all", "A note.\n", ["A note."]],
		["headings without text vanish", "# A\n\n# B\n\none", ["# B\n\none"]],
		["nothing but headings", "# A\n\n## B\n", ["# A\n\n## B"]],
		[
			"comments in code are no headings",
			"# A\n\n```sh\n# not a heading\nls\n```\n\nend",
			["# A\n\n```sh\n# not a heading\nls\n```\n\nend"],
		],
		["a fence ends with its own kind", "~~~\n```\n# code\n~~~\n# A\n\none", ["~~~\n```\n# code\n~~~", "# A\n\none"]],
		["line ends of any kind", "# A\r\n\r\none\r\n", ["# A\n\none"]],
		["nothing", " \n\n", []],
		[
			"what names its language begins code and does not end it",
			"```\n```sh\n# code\n```\n# A\n\none",
			["```\n```sh\n# code\n```", "# A\n\none"],
		],
	])("%s", (_name, markdown, texts) => {
		expect(textsOf(markdown)).toEqual(texts);
	});

	test("a long section goes by its paragraphs, each with the heading over it", () => {
		const paragraph = (n: number) => `${n} `.repeat(400).trim();
		const chunks = chunkMarkdown(
			`## Long\n\n${[1, 2, 3, 4].map(paragraph).join("\n\n")}\n\n${"x".repeat(5_000)}\n\nlast`,
		);
		expect(chunks.map(({ level, heading }) => [level, heading])).toEqual(Array(4).fill(["paragraph", "Long"]));
		expect(chunks[0]?.text).toBe(`## Long\n\n${paragraph(1)}\n\n${paragraph(2)}`);
		expect(chunks[2]?.text).toBe(`## Long\n\n${"x".repeat(5_000)}`);
		expect(chunks[3]?.text).toBe("## Long\n\nlast");
	});

	test("what is no paragraph any more is cut, each piece with the heading over it", () => {
		const chunks = textsOf(`# Data\n\n${"x".repeat(100_000)}`);
		expect(chunks.every((text) => text.startsWith("# Data\n\nx") && text.length <= 32_776)).toBe(true);
		expect(chunks.join("").replaceAll("# Data\n\n", "")).toHaveLength(100_000);
	});

	test("loses no word of any text that has a heading or none", () => {
		const line = fc.constantFrom(
			"# One",
			"## Two words",
			"plain text",
			"",
			"```",
			"- item",
			"#### deep",
			"x".repeat(900),
		);
		fc.assert(
			fc.property(fc.array(line, { maxLength: 40 }), (lines) => {
				const chunks = textsOf(lines.join("\n"));
				const kept = chunks.join("\n").split("\n");
				for (const each of lines) {
					if (each !== "" && !each.startsWith("# ") && !each.startsWith("## ")) expect(kept).toContain(each);
				}
				for (const chunk of chunks) expect(chunk.trim()).toBe(chunk);
			}),
		);
	});
});
