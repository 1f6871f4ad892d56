import { describe, expect, test } from "bun:test";
import { EVERYTHING } from "@signet/core";
import { recall } from "../index.ts";
import { workbench } from "../testing/workbench.ts";

const WORDS_ONLY = "embedding:\n  provider: none\n";
type Bench = Awaited<ReturnType<typeof workbench>>;
const ask = (bench: Bench, query: string) => recall(bench, { query, limit: 10, filter: { scope: EVERYTHING } });
const ids = async (bench: Bench, query: string) => (await ask(bench, query)).results.map(({ id }) => id);

describe("what has changed", () => {
	test("the value that holds now is first, and the other says so", async () => {
		await using bench = await workbench(WORDS_ONLY);
		for (let n = 0; n < 20; n++) await bench.store({ content: `The team met in room ${n}` });
		await bench.store({
			id: "old",
			content: "The snack budget for the team is 65 dollars",
			createdAt: "2026-01-01T00:00:00Z",
		});
		await bench.store({ id: "new", content: "I raised the snack budget to 80", createdAt: "2026-02-01T00:00:00Z" });
		const now = await ask(bench, "What is the snack budget for the team?");
		expect(now.results.slice(0, 2).map(({ id, superseded_by }) => [id, superseded_by])).toEqual([
			["new", undefined],
			["old", "new"],
		]);
		expect((await ids(bench, "What was the snack budget for the team at first?"))[0]).toBe("old");
	});

	test("a later text of something else supersedes nothing", async () => {
		await using bench = await workbench(WORDS_ONLY);
		await bench.store({ id: "a", content: "The snack budget is 65 dollars", createdAt: "2026-01-01T00:00:00Z" });
		await bench.store({ id: "b", content: "Now 12 people come to the office", createdAt: "2026-02-01T00:00:00Z" });
		const { results } = await ask(bench, "What is the snack budget?");
		expect(results.map(({ superseded_by }) => superseded_by).filter(Boolean)).toEqual([]);
	});

	test.each([
		"The API rate limit was raised to 200 per minute",
		"The API rate limit is not 100 anymore but 200 per minute",
		"The API rate limit is 200 per minute as of 3 may",
	])("%p holds now", async (now) => {
		await using bench = await workbench(WORDS_ONLY);
		for (let n = 0; n < 30; n++) await bench.store({ content: `Note ${n} about the garden` });
		const then = "The API rate limit is 100 per minute";
		await bench.store({ id: "old", content: then, createdAt: "2026-01-01T00:00:00Z" });
		await bench.store({ id: "new", content: now, createdAt: "2026-02-01T00:00:00Z" });
		const { results } = await ask(bench, "What is the API rate limit?");
		expect(results.slice(0, 2).map(({ id, superseded_by }) => [id, superseded_by])).toEqual([
			["new", undefined],
			["old", "new"],
		]);
	});

	test("what changed twice is told as it is now, and so is what was found first anyway", async () => {
		await using bench = await workbench(WORDS_ONLY);
		for (let n = 0; n < 20; n++) await bench.store({ content: `The team met in room ${n}` });
		const store = (id: string, month: number, content: string) =>
			bench.store({ id, content, createdAt: `2026-0${month}-01T00:00:00Z` });
		await store("third", 3, "I raised the snack budget again, to 95");
		await store("second", 2, "I raised the snack budget for the team to 80");
		await store("first", 1, "The snack budget for the team is 65");
		const { results } = await ask(bench, "What is the snack budget for the team?");
		expect(results.slice(0, 3).map(({ id, superseded_by }) => [id, superseded_by])).toEqual([
			["third", undefined],
			["first", "third"],
			["second", "third"],
		]);
		const again = await ask(bench, "What is the snack budget again?");
		expect(again.results[0]?.id).toBe("third");
		expect(again.results.slice(0, 3).map(({ superseded_by }) => superseded_by)).toEqual([undefined, "third", "third"]);
	});

	test.each([
		["What is Clara's phone extension?", "Clara's phone extension is 4411", "Bob's phone extension changed to 5522"],
		[
			"What is the production database port?",
			"The production database port is 5432",
			"The staging database port is now 5433",
		],
		[
			"What is the port of the production database?",
			"The port of the production database is 5432",
			"The port of the staging database changed to 5433",
		],
		[
			"How much memory does server alpha have?",
			"Server alpha has 16 GB of memory",
			"Server beta now has 32 GB of memory",
		],
		["When is the payment of Acme due?", "Acme pays within 30 days", "Globex pays within 60 days now"],
		[
			"What is the API rate limit?",
			"The API rate limit is 100 per minute",
			"Should the API rate limit be 200 per minute?",
		],
		[
			"What is the API rate limit?",
			"The API rate limit is 100 per minute",
			"The API rate limit may be raised to 200 per minute",
		],
		["What is the API rate limit?", "The API rate limit is 100 per minute", "The API rate limit is not 200 per minute"],
		[
			"What is the API rate limit?",
			"The API rate limit is 100 per minute",
			"The API rate limit was 50 per minute in 2024",
		],
	])("%p is not answered by a later text of another thing", async (query, right, other) => {
		await using bench = await workbench(WORDS_ONLY);
		for (let n = 0; n < 30; n++) await bench.store({ content: `Note ${n} about the garden` });
		await bench.store({ id: "right", content: right, createdAt: "2026-01-01T00:00:00Z" });
		await bench.store({ id: "other", content: other, createdAt: "2026-02-01T00:00:00Z" });
		const { results } = await ask(bench, query);
		expect(results[0]?.id).toBe("right");
		expect(results.map(({ superseded_by }) => superseded_by).filter(Boolean)).toEqual([]);
	});

	test("what somebody else says of theirs, or what holds in another project, supersedes nothing", async () => {
		await using bench = await workbench(WORDS_ONLY);
		for (let n = 0; n < 30; n++) await bench.store({ content: `Note ${n} about the garden` });
		const then = { createdAt: "2026-01-01T00:00:00Z" };
		const now = { createdAt: "2026-02-01T00:00:00Z" };
		await bench.store({ id: "clara", content: "My desk number is 17", who: "Clara", ...then });
		await bench.store({ id: "bob", content: "My desk number changed to 23", who: "Bob", ...now });
		expect((await ids(bench, "What is Clara's desk number?"))[0]).toBe("clara");
		await bench.store({ id: "heron", content: "The gateway listens on port 4000", project: "heron", ...then });
		await bench.store({ id: "osprey", content: "The gateway listens on port 5000", project: "osprey", ...now });
		const { results } = await ask(bench, "Which port is the gateway listening on?");
		expect(results.map(({ superseded_by }) => superseded_by).filter(Boolean)).toEqual([]);
	});
});

describe("what has changed without a number", () => {
	const told = async (query: string, older: string, newer: string, who: readonly [string, string] = ["ana", "ana"]) => {
		await using bench = await workbench();
		for (let n = 0; n < 20; n++) await bench.store({ content: `Meeting ${n} was about the garden` });
		await bench.store({ id: "new", content: newer, who: who[1], createdAt: "2026-02-01T00:00:00Z" });
		await bench.store({ id: "old", content: older, who: who[0], createdAt: "2026-01-01T00:00:00Z" });
		const { results } = await ask(bench, query);
		const old = results.find(({ id }) => id === "old");
		return {
			first: results[0]?.id,
			old: old?.superseded_by,
			marked: results.filter((one) => one.superseded_by).length,
		};
	};

	test.each([
		["Where do deploys happen?", "Deploys happen on Heroku", "We moved the deploys to Fly.io"],
		["Where do deploys happen?", "Deploys happen on Heroku", "Our deploys now happen on Fly.io instead of Heroku"],
		["Do we use npm or pnpm?", "We use npm", "We switched to pnpm"],
		[
			"Which package manager does the project use?",
			"The project uses npm as package manager",
			"We switched the package manager to pnpm",
		],
		["Which package manager is used?", "We use npm as the package manager", "We use pnpm as the package manager"],
		["package manager", "We use npm as the package manager", "The package manager was changed from npm to pnpm in May"],
		["What is the primary database?", "The primary database is Postgres", "The primary database is CockroachDB"],
		["Who is the release manager?", "Alice is the release manager", "Bob is the release manager now"],
		["Where does Ana live?", "Ana lives in Berlin", "Ana moved to Lisbon last spring"],
		["Where do I live?", "I live in Berlin", "I live in Lisbon now"],
		[
			"What is the frontend written in?",
			"The frontend is written in Angular",
			"The frontend was migrated from Angular to React",
		],
		["Which library do we use for dates?", "We use Moment for dates", "We use date-fns instead of Moment now"],
		["Which package manager is used?", "We use npm as the package manager", "We switched from npm to pnpm"],
		["What does CI run on?", "CI runs on Jenkins", "We replaced Jenkins with GitHub Actions"],
		["What does CI run on?", "CI runs on Jenkins", "Jenkins was replaced by GitHub Actions"],
		["Do we use Redis for the queue?", "We use Redis for the queue", "We no longer use Redis for the queue"],
		["What do we indent with?", "We use spaces", "We use tabs instead of spaces"],
		["What is the app built with?", "The app is built with Angular", "We migrated the app from Angular to React"],
	])("%p is answered by what holds now", async (query, older, newer) => {
		expect(await told(query, older, newer)).toEqual({ first: "new", old: "new", marked: 1 });
	});

	test.each([
		["What does Ana like?", "Ana likes pizza", "Ana likes sushi"],
		["What does the team use?", "The team uses Go", "The team uses TypeScript"],
		["Which linter do we use for the frontend?", "We use ESLint for the frontend", "We use Prettier for the frontend"],
		["Where do deploys happen?", "Deploys happen on Heroku", "We should move the deploys to Render"],
		["Where do deploys happen?", "Deploys happen on Heroku", "If we moved the deploys to Render, they would be slow"],
		["Where do deploys happen?", "Deploys happen on Heroku", "We moved the deploys to Friday"],
		[
			"Where do production deploys happen?",
			"Production deploys happen on Heroku",
			"We moved the staging deploys to Fly.io",
		],
		["Where does Ana live?", "Ana lives in Berlin", "Bob moved to Lisbon"],
		["Where does Ana live?", "Ana lives in Berlin", "Ana moved to the platform team"],
		["Where does Ana live?", "Ana lives in Berlin", "Ana works at Acme"],
		["Where does Ana live?", "Ana lives in Berlin", "Ana lives in a flat"],
		["What does the web app use?", "The web app uses npm", "The docs site switched from npm to pnpm"],
		["Which package manager do we use?", "We use npm as the package manager", "We use Docker instead of Podman now"],
		["What does npm audit say?", "npm audit reports three problems", "We switched from npm to pnpm"],
		["What do I use as fertiliser?", "I use coffee grounds as fertiliser", "I switched from coffee to tea"],
		["Is the staging server slow?", "The staging server is slow", "The staging server is encrypted"],
		["What is the primary database?", "The primary database is Postgres", "The primary database is in Frankfurt"],
		["What is the primary database?", "The primary database is Postgres", "The secondary database is MySQL now"],
		["Where does Ben live?", "Ben lives in Berlin", "I moved from Berlin to Lisbon"],
		["Where does Ben live?", "Ben lives in Berlin", "We moved from Berlin to Lisbon"],
		["Where does Ben live?", "I live in Berlin", "Ben moved from Berlin to Lisbon"],
		["Which package manager is used?", "We use npm as the package manager", "They switched from npm to pnpm"],
		["Which package manager is used?", "We use npm as the package manager", "We tried pnpm instead of npm"],
		["What does CI run on?", "CI runs on Jenkins", "We never replaced Jenkins with GitHub Actions"],
		["What is the name of the cat?", "The name of the cat is Tom", "The name of the dog is Rex"],
		["Who is a reviewer?", "Alice is a reviewer", "Bob is a reviewer"],
		[
			"Which tests do we run on Jenkins?",
			"We run the tests on Jenkins",
			"We replaced some tests of Jenkins with mocks",
		],
		["Where is the standup?", "The standup is in the kitchen", "The standup is at ten"],
		["What is the problem with the build?", "The problem is the proxy", "The problem is the cache"],
		["What is the primary database?", "The primary database is Postgres", "The primary database is backed up nightly"],
		["Which package manager is used?", "The package manager is pnpm", "The package manager is slow"],
		["Who is the release manager?", "The release manager is Alice", "The release manager is sick"],
		["Where is the API hosted?", "The API is hosted on Fly.io", "The API is in beta"],
		["Where is the config?", "The config is in /etc/app", "The config is in YAML"],
		["What does CI run on?", "CI runs on Jenkins", "CI runs on every push"],
		["What is the frontend written in?", "The frontend is written in Angular", "The frontend is built with Vite"],
		["What is the frontend built with?", "The frontend is built with React", "The frontend is built with Vite"],
		[
			"What do we use for formatting dates?",
			"We use Moment for formatting dates",
			"We use date-fns instead of Moment for parsing dates",
		],
		["What do we use in Python code?", "Our Python code uses spaces", "We use tabs instead of spaces in Makefiles"],
		[
			"Which package manager do we use?",
			"We use npm as the package manager",
			"We switched from npm to pnpm, but went back to npm",
		],
	])("%p keeps what another thing that was said later does not touch", async (query, older, newer) => {
		const { old, marked } = await told(query, older, newer);
		expect([old, marked]).toEqual([undefined, 0]);
	});

	test("what changed twice, in words that were not asked for, is told as it is now", async () => {
		await using bench = await workbench(WORDS_ONLY);
		for (let n = 0; n < 60; n++) await bench.store({ content: `Meeting ${n} had a manager, and the package was ill` });
		const store = (id: string, month: number, content: string) =>
			bench.store({ id, content, createdAt: `2026-0${month}-01T00:00:00Z` });
		await store("third", 3, "We switched from pnpm to bun");
		await store("second", 2, "We switched from npm to pnpm");
		await store("first", 1, "We use npm as the package manager");
		for (const query of ["Which package manager do we use now, npm?", "What is the package manager?"]) {
			const { results } = await ask(bench, query);
			expect(results.slice(0, 2).map(({ id, superseded_by }) => [id, superseded_by])).toEqual([
				["third", undefined],
				["first", "third"],
			]);
		}
	});

	test("what somebody else says of themselves changes nothing", async () => {
		expect((await told("Where do I live?", "I live in Berlin", "I live in Lisbon now", ["clara", "bob"])).marked).toBe(
			0,
		);
		expect((await told("Where do I live?", "I live in Berlin", "I moved to Lisbon", ["clara", "bob"])).marked).toBe(0);
	});

	test("what was, is asked for as it was", async () => {
		const { first } = await told(
			"Where did deploys happen before?",
			"Deploys happen on Heroku",
			"We moved the deploys to Fly.io",
		);
		expect(first).toBe("old");
	});
});
