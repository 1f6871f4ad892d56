import { isoTime, type MemoryScope, notFound, type World } from "@signet/core";
import { type Database, findJob, type JobRow, type JobRunner, retryJob } from "@signet/db";
import * as z from "zod/mini";
import { errorReference } from "../http/openapi.ts";
import type { RouteContract, Routes } from "../http/route.ts";
import { idOf } from "../memory/change-routes.ts";

const time = () => z.nullable(z.string());

const jobFields = () =>
	z.object({
		id: z.string(),
		memory_id: z.nullable(z.string()),
		document_id: z.nullable(z.string()),
		job_type: z.string(),
		status: z.string(),
		attempts: z.number(),
		attempt_count: z.number(),
		max_attempts: z.number(),
		next_attempt_at: time(),
		last_error: z.nullable(z.string()),
		last_error_code: z.nullable(z.string()),
		error: z.nullable(z.string()),
		leased_at: time(),
		completed_at: time(),
		failed_at: time(),
		created_at: z.string(),
		updated_at: z.string(),
	});

const jobContract = {
	method: "GET",
	path: "/api/memory/jobs/:id",
	summary: "What became of a background job",
	answers: () => ({
		200: { description: "The job", schema: jobFields() },
		404: { description: "There is no such job", schema: errorReference },
	}),
} satisfies RouteContract;

const retryContract = {
	method: "POST",
	path: "/api/memory/jobs/:id/retry",
	summary: "Begin again with a job that came to nothing or waits",
	answers: () => ({
		200: { description: "The job", schema: jobFields() },
		404: { description: "There is no such job", schema: errorReference },
	}),
} satisfies RouteContract;

/** What is done in the background. */
export function addJobRoutes(
	routes: Routes,
	{ database, jobs, world }: { database: Database; jobs: JobRunner; world: Pick<World, "clock"> },
): void {
	routes.add(jobContract, async ({ param, caller: { scope } }) => viewOf(await jobAt(database, idOf(param), scope)));
	routes.add(retryContract, async ({ param, caller: { scope } }) => {
		const id = idOf(param);
		await jobAt(database, id, scope);
		await database.write((writer) => retryJob(writer, id, isoTime(world.clock.now())));
		jobs.nudgeAll();
		return viewOf(await jobAt(database, id, scope));
	});
}

async function jobAt(database: Database, id: string, scope: MemoryScope): Promise<JobRow> {
	const job = await database.read((reader) => findJob(reader, id, scope));
	if (!job) throw notFound(`There is no job ${id}`);
	return job;
}

function viewOf({ payload: _payload, result: _result, due_ms: dueMs, ...job }: JobRow) {
	const isWaiting = job.status === "pending" && dueMs !== null && dueMs > 0;
	return {
		...job,
		attempt_count: job.attempts,
		next_attempt_at: isWaiting ? isoTime(dueMs) : null,
		last_error: job.error,
		last_error_code: job.error === null ? null : "job_failed",
	};
}
