import { expect, test } from "bun:test";
import fc from "fast-check";
import { recall } from "../index.ts";
import { workbench } from "../testing/workbench.ts";

const WORDS = [
	"violin",
	"quartet",
	"xylophone",
	"orchestra",
	"hall",
	"mondays",
	"rehearses",
	"tuning",
	"always",
	"now",
];
const text = fc.array(fc.constantFrom(...WORDS), { minLength: 2, maxLength: 6 }).map((words) => words.join(" "));
const MINE = 6;
const OTHERS = 8;

/** What somebody of one project is answered, in a workspace with these memories of two. */
async function answerFor(mine: readonly string[], others: readonly string[], query: string, profile: string) {
	await using bench = await workbench(`embedding:\n  provider: embedded\nsearch:\n  profile: ${profile}\n`);
	const store = (content: string, at: number, project: string) =>
		// In one conversation, so that turns of the one lie beside turns of the other.
		bench.store({ id: `${project}-${at}`, content: `${content} ${at}`, project, sessionId: "talk", position: at });
	for (const [at, content] of mine.entries()) await store(content, at * 2, "mine");
	for (const [at, content] of others.entries()) await store(content, at * 2 + 1, "theirs");
	const filter = { scope: { project: "mine" } };
	const { explain, ...answer } = await recall(bench, { query, limit: 10, filter, context: 2, explain: true });
	return { ...answer, explain: { ...explain, timingsMs: undefined } };
}

const arrays = (length: number) => fc.array(text, { minLength: length, maxLength: length });

test("what somebody may not see changes nothing in what they are answered", async () => {
	await fc.assert(
		fc.asyncProperty(arrays(MINE), arrays(OTHERS), arrays(OTHERS), text, async (mine, others, instead, query) => {
			const answer = await answerFor(mine, others, query, "signet");
			expect(await answerFor(mine, instead, query, "signet")).toEqual(answer);
		}),
		{ numRuns: 15 },
	);
}, 60_000);

test.each(["signet", "reference"])(
	"nobody is answered with what they may not see (%s)",
	async (profile) => {
		await fc.assert(
			fc.asyncProperty(arrays(MINE), arrays(OTHERS), text, async (mine, others, query) => {
				const { results } = await answerFor(mine, others, query, profile);
				const beside = results.flatMap(({ context }) => [...(context?.before ?? []), ...(context?.after ?? [])]);
				expect([...results, ...beside].filter(({ id }) => !id.startsWith("mine-"))).toEqual([]);
				expect(results.filter(({ superseded_by: by }) => by !== undefined && !by.startsWith("mine-"))).toEqual([]);
			}),
			{ numRuns: 10 },
		);
	},
	60_000,
);
