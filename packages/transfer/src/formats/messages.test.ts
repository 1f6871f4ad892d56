import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { type FormatName, type Found, openSource } from "./index.ts";

const folder = mkdtempSync(join(tmpdir(), "signet-messages-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** What is found in a file of that name. */
async function read(name: string, text: string, format?: FormatName): Promise<{ format: string; rows: Found[] }> {
	const path = join(folder, name);
	writeFileSync(path, text);
	const source = await openSource(path, format);
	const rows: Found[] = [];
	for await (const found of source.read()) rows.push(found);
	source.close();
	return { format: source.format, rows };
}

/** What is said of each row as a turn; of what is none, why. */
const turns = (rows: readonly Found[]) =>
	rows.map((row) => {
		if ("why" in row || row.kind !== "text") return row;
		const { content, who, role, position } = row.memory;
		return { content, who, role, position };
	});
const sessions = (rows: readonly Found[]) =>
	rows.flatMap((row) => ("memory" in row ? [String(row.memory.sessionId)] : []));

const TALK = [
	{ role: "system", content: "You are helpful." },
	{ role: "user", name: "ana", content: "What suits the water?" },
	{ role: "assistant", content: null, tool_calls: [{ id: "1" }] },
	{ role: "tool", tool_call_id: "1", content: "green" },
	{
		role: "assistant",
		content: [{ type: "text", text: "Green," }, { type: "image_url" }, { type: "text", text: "I think" }],
	},
	{ content: "nobody" },
	{ role: "user", content: "Then green it is" },
];
const EXPECTED = [
	{ key: "message 1", why: "it is a system message, which nobody said" },
	{ content: "What suits the water?", who: "ana", role: "user", position: 1 },
	{ key: "message 3", why: "it has no text" },
	{ key: "message 4", why: "it is a tool message, which nobody said" },
	{ content: "Green,\n\nI think", who: "assistant", role: "assistant", position: 4 },
	{ key: "message 6", why: "it is no message: it has no role, or no content" },
	{ content: "Then green it is", who: "user", role: "user", position: 6 },
];

describe("messages", () => {
	test.each([
		["a list", JSON.stringify(TALK)],
		["an object, its name in front", JSON.stringify({ id: "c-1", model: "x", messages: TALK })],
		["an object, its name behind", JSON.stringify({ messages: TALK, metadata: {}, id: "c-1" })],
	])("as %s are turns of one conversation, in their order", async (_name, text) => {
		const { format, rows } = await read("talk.json", text);
		expect(format).toBe("messages");
		expect(turns(rows)).toEqual(EXPECTED);
		expect(new Set(sessions(rows)).size).toBe(1);
		if (text.includes("c-1")) expect(sessions(rows)[0]).toBe("c-1");
	});

	test.each([
		["in a list", "talks.json", (talks: object[]) => JSON.stringify(talks), "conversation"],
		["in lines", "talks.jsonl", (talks: object[]) => talks.map((talk) => JSON.stringify(talk)).join("\n"), "line"],
	] as const)("of several conversations %s are told apart", async (_name, file, write, word) => {
		const talk = (...said: string[]) => ({ messages: said.map((content) => ({ role: "user", content })) });
		const { format, rows } = await read(
			file,
			write([talk("one", "two"), talk("one", "three"), { conversation_id: "named", ...talk("four") }]),
		);
		expect(format).toBe("messages");
		expect(rows.map(({ key }) => key)).toEqual([
			`${word} 1, message 1`,
			`${word} 1, message 2`,
			`${word} 2, message 1`,
			`${word} 2, message 2`,
			`${word} 3, message 1`,
		]);
		expect(turns(rows)).toMatchObject([
			{ position: 0 },
			{ position: 1 },
			{ position: 0 },
			{ position: 1 },
			{ position: 0 },
		]);
		const [first, , second, , third] = sessions(rows);
		expect(new Set([first, second, third]).size).toBe(3);
		expect(third).toBe("named");
	});

	test("have their times, or that of the conversation", async () => {
		const { rows } = await read(
			"times.json",
			JSON.stringify({
				created: 1_767_323_045,
				messages: [
					{ role: "user", content: "one" },
					{ role: "user", content: "two", created_at: "2026-05-01T00:00:00Z", thread_id: "t" },
				],
			}),
		);
		expect(rows).toMatchObject([
			{ memory: { createdAt: "2026-01-02T03:04:05.000Z" } },
			{ memory: { createdAt: "2026-05-01T00:00:00Z", sessionId: "t" } },
		]);
	});

	test("that were added since are of the same conversation, and those that were there are the same", async () => {
		const before = await read("grows.json", JSON.stringify(TALK.slice(0, 5)));
		const after = await read("grows.json", JSON.stringify(TALK));
		expect(after.rows.slice(0, 5)).toEqual(before.rows);
		expect(new Set(sessions(after.rows)).size).toBe(1);
		const elsewhere = await read("other.json", JSON.stringify(TALK));
		expect(sessions(elsewhere.rows)[0]).not.toBe(sessions(after.rows)[0]);
	});

	test("one in each line are JSONL, unless it is said that they are a conversation", async () => {
		const lines = TALK.filter(({ content }) => typeof content === "string").map((turn) => JSON.stringify(turn));
		const { format, rows } = await read("lines.jsonl", lines.join("\n"));
		expect(format).toBe("jsonl");
		expect(sessions(rows)).toEqual(sessions(rows).map(() => "undefined"));
		const said = await read("lines.jsonl", lines.join("\n"), "messages");
		expect(turns(said.rows)).toContainEqual({ content: "Then green it is", who: "user", role: "user", position: 4 });
		expect(new Set(sessions(said.rows)).size).toBe(1);
	});

	test("are no memories of mem0, which may have roles as well", async () => {
		const memories = [{ id: "1", memory: "Likes tea", role: "user" }];
		expect((await read("mem0.json", JSON.stringify(memories))).format).toBe("mem0");
		expect((await read("open.json", JSON.stringify([{ id: "1", content: "Likes tea" }]))).format).toBe("mem0");
		await expect(read("none.json", JSON.stringify({ id: "1" }), "messages")).rejects.toThrow("no list of messages");
	});

	test("of whatever shape are read or refused one by one, each at its place", async () => {
		const message = fc.oneof(
			fc.jsonValue({ maxDepth: 2 }),
			fc.record({ role: fc.constantFrom("user", "assistant", "tool"), content: fc.jsonValue({ maxDepth: 3 }) }),
		);
		await fc.assert(
			fc.asyncProperty(fc.array(message, { maxLength: 12 }), async (given) => {
				const { rows } = await read("any.json", JSON.stringify({ messages: given }), "messages").catch(() => ({
					rows: [],
				}));
				if (given.length > 0) expect(rows.map(({ key }) => key)).toEqual(given.map((_, at) => `message ${at + 1}`));
				for (const [at, row] of rows.entries()) if ("memory" in row) expect(row.memory.position).toBe(at);
			}),
		);
	});
});
