import { describe, expect, test } from "bun:test";
import { EVERYTHING } from "@signet/core";
import sql from "sql-template-tag";
import { enqueueAgain, enqueueJob, findJob, retryJob } from "../stores/jobs.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../testing/index.ts";
import { type JobHandler, JobRunner } from "./job-runner.ts";
import { completeJob, failJob, leaseJob, nextDue, renewLease } from "./lease.ts";

const at = "2026-01-01T00:00:00.000Z";
const LEASE_MS = 60_000;

async function queue(temporary: TemporaryDatabase, ...ids: string[]): Promise<void> {
	for (const id of ids) {
		const job = { id, memoryId: `memory of ${id}`, type: "embed", createdAt: at } as const;
		await temporary.database.write((writer) => enqueueJob(writer, job));
	}
}

function runner({ database, world }: TemporaryDatabase, run: JobHandler["run"]): JobRunner {
	const jobs = new JobRunner({ database, world, onProblem: () => undefined });
	jobs.handle({ type: "embed", run });
	return jobs;
}

const jobOf = ({ database }: TemporaryDatabase, id: string) =>
	database.read((reader) => findJob(reader, id, EVERYTHING));
const pass = async ({ world }: TemporaryDatabase, seconds: number) => {
	for (let second = 0; second < seconds; second++) await world.advance(1_000);
};

describe("a lease", () => {
	const lease = ({ database }: TemporaryDatabase, owner: string, nowMs: number) =>
		database.write((writer) => leaseJob(writer, "embed", { owner, nowMs }, LEASE_MS));

	test("is one worker's until it runs out; who lost it can neither end nor fail nor renew it", async () => {
		await using temporary = await temporaryDatabase();
		const { database } = temporary;
		await queue(temporary, "one");
		expect((await lease(temporary, "first", 0))?.attempts).toBe(1);
		expect(await lease(temporary, "second", LEASE_MS - 1)).toBeUndefined();
		expect((await lease(temporary, "second", LEASE_MS))?.attempts).toBe(2);
		const lost = { owner: "first", nowMs: LEASE_MS };
		expect(await database.write((writer) => renewLease(writer, "one", lost, LEASE_MS))).toBe(false);
		expect(await database.write((writer) => completeJob(writer, "one", lost, undefined))).toBe(false);
		expect(await database.write((writer) => failJob(writer, "one", lost, { error: "", dueMs: "never" }))).toBe(false);
		expect(await jobOf(temporary, "one")).toMatchObject({ status: "leased", error: null });
		const holder = { owner: "second", nowMs: LEASE_MS };
		expect(await database.write((writer) => completeJob(writer, "one", holder, { found: 1 }))).toBe(true);
		expect(await jobOf(temporary, "one")).toMatchObject({ status: "completed", result: '{"found":1}' });
	});

	test("that ran out for the last time leaves a dead job, and the next one is taken", async () => {
		await using temporary = await temporaryDatabase();
		await queue(temporary, "one");
		for (let round = 0; round < 3; round++) await lease(temporary, "crashing", round * LEASE_MS);
		await queue(temporary, "two");
		expect((await lease(temporary, "other", 3 * LEASE_MS))?.id).toBe("two");
		expect(await jobOf(temporary, "one")).toMatchObject({ status: "dead", error: "lease expired", leased_at: null });
	});

	test("of a row that another program left leased is free", async () => {
		await using temporary = await temporaryDatabase();
		await queue(temporary, "one");
		await temporary.database.write((writer) =>
			writer.run(sql`UPDATE memory_jobs SET status = 'leased', leased_at = ${at}`),
		);
		expect((await lease(temporary, "first", 0))?.id).toBe("one");
	});

	test("waits for its time", async () => {
		await using temporary = await temporaryDatabase();
		const { database } = temporary;
		await queue(temporary, "one");
		const worker = { owner: "first", nowMs: 0 };
		await lease(temporary, "first", 0);
		await database.write((writer) => failJob(writer, "one", worker, { error: "away", dueMs: 5_000 }));
		expect(await database.read((reader) => nextDue(reader, "embed", 0))).toBe(5_000);
		expect(await lease(temporary, "first", 4_999)).toBeUndefined();
		expect((await lease(temporary, "first", 5_000))?.id).toBe("one");
	});
});

describe("the runner", () => {
	test("does what is queued, one after the other, and what is queued while it runs", async () => {
		await using temporary = await temporaryDatabase();
		await queue(temporary, "one", "two");
		const done: string[] = [];
		let underWay = 0;
		const jobs = runner(temporary, async ({ id }) => {
			expect(++underWay).toBe(1);
			if (id === "one") await queue(temporary, "three");
			done.push(id);
			underWay--;
			return { status: "done", result: id };
		});
		await jobs.start();
		await pass(temporary, 1);
		await pass(temporary, 1);
		expect(done).toEqual(["one", "two", "three"]);
		expect(await jobOf(temporary, "three")).toMatchObject({ status: "completed", result: '"three"', attempts: 1 });
	});

	test("tries again what throws, later each time, until it is dead; a retry begins anew", async () => {
		await using temporary = await temporaryDatabase();
		await queue(temporary, "one");
		const times: number[] = [];
		let isBroken = true;
		const jobs = runner(temporary, async () => {
			times.push(temporary.world.clock.now());
			if (isBroken) throw new Error("broken");
			return { status: "done" };
		});
		await jobs.start();
		await pass(temporary, 60);
		const [first = 0, ...others] = times;
		expect(others.map((time) => Math.round((time - first) / 1_000))).toEqual([5, 15]);
		expect(await jobOf(temporary, "one")).toMatchObject({ status: "dead", error: "broken", attempts: 3 });
		isBroken = false;
		expect(await temporary.database.write((writer) => retryJob(writer, "one", at))).toBe(true);
		jobs.nudge("embed");
		await pass(temporary, 1);
		expect(await jobOf(temporary, "one")).toMatchObject({ status: "completed", error: null });
	});

	test("keeps its lease however long a job takes, and another worker leaves it alone", async () => {
		await using temporary = await temporaryDatabase();
		await queue(temporary, "one");
		const { promise, resolve } = Promise.withResolvers<void>();
		const jobs = runner(temporary, async () => {
			await promise;
			return { status: "done" };
		});
		await jobs.start();
		await pass(temporary, 600);
		const worker = { owner: "other", nowMs: temporary.world.clock.now() };
		expect(await temporary.database.write((writer) => leaseJob(writer, "embed", worker, LEASE_MS))).toBeUndefined();
		resolve();
		await pass(temporary, 1);
		expect(await jobOf(temporary, "one")).toMatchObject({ status: "completed", attempts: 1 });
	});

	test("begins at once with what was under way when the last process ended", async () => {
		await using temporary = await temporaryDatabase();
		await queue(temporary, "one");
		const crashed = { owner: "crashed", nowMs: temporary.world.clock.now() };
		await temporary.database.write((writer) => leaseJob(writer, "embed", crashed, LEASE_MS));
		const done: string[] = [];
		const jobs = runner(temporary, async ({ id }) => {
			done.push(id);
			return { status: "done" };
		});
		await jobs.start();
		await pass(temporary, 1);
		expect(done).toEqual(["one"]);
	});

	test("tells a job under way that it is to stop, and takes no other", async () => {
		await using temporary = await temporaryDatabase();
		await queue(temporary, "one", "two");
		const jobs = runner(temporary, async (_job, signal) => {
			await new Promise((resolve) => signal.addEventListener("abort", resolve));
			return { status: "waiting", reason: "stopped" };
		});
		await jobs.start();
		await pass(temporary, 1);
		await jobs.stop();
		expect(await jobOf(temporary, "one")).toMatchObject({ status: "pending" });
		expect(await jobOf(temporary, "two")).toMatchObject({ status: "pending", attempts: 0 });
	});

	test("begins a job again that there is one of, whatever became of it before", async () => {
		await using temporary = await temporaryDatabase();
		const job = { id: "all", memoryId: "system", type: "embed", createdAt: at } as const;
		const queueAll = () => temporary.database.write((writer) => enqueueAgain(writer, job));
		let runs = 0;
		const jobs = runner(temporary, async () => {
			runs++;
			return { status: "done" };
		});
		await jobs.start();
		for (let round = 1; round <= 3; round++) {
			await queueAll();
			await queueAll();
			jobs.nudge("embed");
			await pass(temporary, 1);
			expect(runs).toBe(round);
		}
	});
});
