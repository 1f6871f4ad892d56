import { Database as SqliteFile } from "bun:sqlite";
import { expect, test } from "bun:test";
import { join } from "node:path";
import { type TemporaryDaemon, temporaryDaemon } from "../testing/temporary-daemon.ts";

function jobIds({ root }: TemporaryDaemon): string[] {
	const db = new SqliteFile(join(root, "memory", "memories.db"), { readonly: true });
	try {
		return db
			.query<{ id: string }, []>("SELECT id FROM memory_jobs")
			.all()
			.map(({ id }) => id);
	} finally {
		db.close();
	}
}

test("a job can be looked up and begun again; an unknown one is not found", async () => {
	await using daemon = await temporaryDaemon("embedding:\n  provider: none\n");
	const { id: memoryId } = (await daemon.send("POST", "/api/memory/remember", { content: "To be distilled" })).json;
	const [id] = jobIds(daemon);
	const job = await daemon.send("GET", `/api/memory/jobs/${id}`);
	expect(job.json).toMatchObject({
		id,
		memory_id: memoryId,
		job_type: "extract",
		status: "pending",
		attempt_count: 0,
		next_attempt_at: null,
		last_error: null,
	});
	expect(job.json).not.toHaveProperty("payload");
	expect((await daemon.send("POST", `/api/memory/jobs/${id}/retry`)).json).toMatchObject({ id, status: "pending" });
	expect(await daemon.send("GET", "/api/memory/jobs/none")).toMatchObject({ status: 404, json: { code: "not_found" } });
	expect((await daemon.send("POST", "/api/memory/jobs/none/retry")).status).toBe(404);
});
