import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StandingThread } from "./standing-thread.ts";

const folder = mkdtempSync(join(tmpdir(), "signet-thread-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A thread that adds up the numbers that it is asked about, and answers the sum so far. */
const file = join(folder, "adding-thread.ts");
writeFileSync(
	file,
	`import { serveStandingThread } from ${JSON.stringify(join(import.meta.dir, "standing-thread.ts"))};
let sum = 0;
serveStandingThread(async (asked) => {
	if (asked === "fail") throw new Error("as asked");
	if (asked === "crash") setTimeout(() => { throw new Error("out of the blue"); });
	if (typeof asked === "string") await new Promise(() => {});
	return (sum += asked);
});`,
);

const thread = () => new StandingThread<number | string, number>(file);

test("it takes what it is asked in the order in which that was sent", async () => {
	const adding = thread();
	const answers: Promise<number>[] = [];
	for (let number = 1; number <= 50; number++) answers.push(adding.ask(number));
	expect(await Promise.all(answers)).toEqual(Array.from({ length: 50 }, (_, at) => ((at + 1) * (at + 2)) / 2));
	await adding.end();
});

test("a question that it cannot answer is rejected, and those after it are answered", async () => {
	const adding = thread();
	expect(adding.ask("fail")).rejects.toThrow("as asked");
	expect(await adding.ask(7)).toBe(7);
	await adding.end();
});

test("what cannot be sent is rejected, and nobody waits for an answer to it", async () => {
	const adding = new StandingThread<unknown, number>(file);
	await expect(adding.ask(() => 1)).rejects.toThrow("cloned");
	expect(await adding.ask(7)).toBe(7);
	await adding.end();
});

test("ending it rejects what it was asked, and what it is asked later", async () => {
	const adding = thread();
	expect(await adding.ask(0)).toBe(0);
	const never = adding.ask("wait");
	const [rejection] = await Promise.allSettled([never, adding.end()]);
	expect(rejection).toMatchObject({ status: "rejected" });
	expect(adding.ask(1)).rejects.toThrow("ended");
	await adding.end();
});

test("where it crashes everybody who waits is told", async () => {
	const adding = thread();
	const asked = [adding.ask("wait"), adding.ask("crash"), adding.ask("wait")];
	const outcomes = await Promise.allSettled(asked);
	expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
	await adding.end();
});

test.if(process.platform === "linux")(
	"a program that was started to go last can have threads all the same",
	async () => {
		const script = `import { makeWay } from ${JSON.stringify(join(import.meta.dir, "thread.ts"))};
import { getPriority, setPriority } from "node:os";
setPriority(15);
makeWay();
console.log(getPriority());`;
		const { stdout, exitCode } = Bun.spawnSync([process.execPath, "-e", script]);
		expect([exitCode, stdout.toString().trim()]).toEqual([0, "15"]);
	},
);
