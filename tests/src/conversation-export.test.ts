import { expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readDaemonRecord } from "@signet/daemon/runtime";
import { Home, until } from "./home.ts";

const TIMEOUT_MS = 60_000;

/** As it was said, and not as it was stored: places and roles are what orders and weighs it. */
const TALK = [
	{ position: 3, role: "assistant", who: "ana", content: "A green kayak is easy to see on the water" },
	{ position: 1, role: "assistant", who: "ana", content: "What is your dog called?" },
	{ position: 2, role: "user", who: "ana", content: "Bruno, and he likes boats" },
	{ position: 0, role: "user", who: "ana", content: "Let us talk about pets, and about the green kayak of mine" },
	{ position: 5, role: "assistant", who: "ana", content: "Then the beach it is" },
	{ position: 4, role: "user", who: "ana", content: "We paddle at noon" },
].map((turn) => ({ ...turn, sessionId: "talk", createdAt: "2026-03-01T10:00:00Z" }));

const QUESTIONS = ["what is the dog called", "which kayak is green", "when do we paddle"];

async function servedHome(): Promise<Home> {
	const home = new Home();
	await home.serve();
	return home;
}

// biome-ignore lint/suspicious/noExplicitAny: as of `Home.get`.
async function send(home: Home, path: string, body: object): Promise<any> {
	const url = readDaemonRecord(home.paths)?.url ?? "";
	const response = await fetch(url + path, { method: "POST", body: JSON.stringify(body) });
	return response.json();
}

interface Result {
	readonly id: string;
	readonly content: string;
	readonly score: number;
}

/** What is found, in its order, with its score and its neighbours, once every memory has its vector. */
async function ranked(home: Home): Promise<Result[][]> {
	await until(async () => {
		const { checks } = (await home.get("/api/embeddings/health")).body;
		const { detail } = checks.find(({ name }: { name: string }) => name === "coverage");
		return detail.unembedded === 0 ? true : undefined;
	});
	return Promise.all(
		QUESTIONS.map(async (query) => (await send(home, "/api/memory/recall", { query, limit: 6, context: 1 })).results),
	);
}

test(
	"a conversation that was exported and imported is found as in the home where it was held",
	async () => {
		await using first = await servedHome();
		for (const turn of TALK) await send(first, "/api/memory/remember", turn);
		const expected = await ranked(first);
		for (const results of expected) expect(results.length).toBeGreaterThan(3);
		for (const name of ["bundle", "bundle.zip", "bundle.json"]) {
			const path = join(first.folder, name);
			await first.json("export", path);
			await using second = await servedHome();
			await second.json("import", path);
			expect(await ranked(second)).toEqual(expected);
		}
		const file = join(first.folder, "bundle", "memories.jsonl");
		const rows = readFileSync(file, "utf8")
			.split("\n")
			.map((line) => JSON.parse(line));
		expect(rows).toMatchObject(
			TALK.map(({ sessionId, content, position, role, who }) => {
				return { session_id: sessionId, content, position, role, who, created_at: "2026-03-01T10:00:00.000Z" };
			}),
		);

		// Bundles were once without them: such a one is taken as it is, and it can be told by its ranking.
		const old = rows.map(({ position: _, role: __, ...row }) => JSON.stringify(row)).join("\n");
		writeFileSync(file, old);
		writeFileSync(join(first.folder, "bundle", "manifest.json"), JSON.stringify({ version: "1.0" }));
		await using third = await servedHome();
		expect((await third.json("import", join(first.folder, "bundle"))).account).toMatchObject({ read: 6, kept: 6 });
		expect(await ranked(third)).not.toEqual(expected);
	},
	TIMEOUT_MS,
);

test(
	"the lines of a bundle are lines of JSONL, and say the same of a conversation",
	async () => {
		await using first = await servedHome();
		for (const turn of TALK) await send(first, "/api/memory/remember", turn);
		await first.json("export", join(first.folder, "bundle"));
		await using second = await servedHome();
		await second.json("import", join(first.folder, "bundle", "memories.jsonl"));
		const said = async (home: Home) =>
			(await ranked(home)).map((results) => results.map(({ content, score }) => ({ content, score })));
		expect(await said(second)).toEqual(await said(first));
	},
	TIMEOUT_MS,
);
