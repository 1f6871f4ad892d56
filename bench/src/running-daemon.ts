import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { workspacePaths } from "@signet/core";
import { readDaemonRecord } from "@signet/daemon/runtime";
import * as z from "zod/mini";

export const repository = join(import.meta.dir, "..", "..");

/** The built executable. */
export const executable = join(repository, "dist", process.platform === "win32" ? "signet.exe" : "signet");

const POLL_MS = 0.5;
const PATIENCE_MS = 60_000;

const remembered = z.object({ id: z.string(), deduped: z.optional(z.boolean()) });
const recalled = z.object({
	results: z.array(z.object({ id: z.string(), score: z.number(), content: z.string() })),
	confidence: z.optional(z.number()),
});

export interface RecallOptions {
	readonly limit: number;
	readonly legs?: "words" | "vectors";
}

/** A daemon of its own on a workspace of its own, as a client sees it. */
export class RunningDaemon implements AsyncDisposable {
	private constructor(
		readonly process: Bun.Subprocess,
		readonly url: string,
		readonly root: string,
		/** Milliseconds from starting the process to the first answer of `/health`. */
		readonly startMs: number,
		private readonly isTemporary: boolean,
	) {}

	/** Start the program on a new workspace with that configuration, or on one that is there. */
	static async start(
		program: readonly string[],
		{ configuration, root, port = 0 }: { configuration?: string; root?: string; port?: number } = {},
	): Promise<RunningDaemon> {
		const folder = root ?? join(mkdtempSync(join(tmpdir(), "signet-bench-")), ".agents");
		mkdirSync(folder, { recursive: true, mode: 0o700 });
		if (configuration !== undefined) writeFileSync(join(folder, "agent.yaml"), configuration);
		const startedAt = performance.now();
		const child = Bun.spawn([...program, "daemon", "--quiet"], {
			env: { HOME: dirname(folder), SIGNET_PATH: folder, SIGNET_PORT: String(port), PATH: "" },
			stdout: "ignore",
			stderr: "inherit",
		});
		const url = await firstAnswer(folder, child, port);
		return new RunningDaemon(child, url, folder, performance.now() - startedAt, root === undefined);
	}

	async remember(memory: Readonly<Record<string, unknown>>): Promise<{ id: string; deduped?: boolean | undefined }> {
		return remembered.parse(await this.post("/api/memory/remember", memory));
	}

	/** What is recalled, the best first. */
	async recall(query: string, options: RecallOptions): Promise<z.infer<typeof recalled>> {
		return recalled.parse(await this.post("/api/memory/recall", { query, ...options }));
	}

	get(path: string): Promise<unknown> {
		return this.#send(path);
	}

	post(path: string, body: unknown): Promise<unknown> {
		return this.#send(path, { method: "POST", body: JSON.stringify(body) });
	}

	async #send(path: string, request?: RequestInit): Promise<unknown> {
		const response = await fetch(this.url + path, request);
		if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
		return response.json();
	}

	async stop(): Promise<void> {
		this.process.kill();
		await this.process.exited;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.stop();
		if (this.isTemporary) rmSync(dirname(this.root), { recursive: true, force: true });
	}
}

async function firstAnswer(root: string, child: Bun.Subprocess, port: number): Promise<string> {
	const paths = workspacePaths(root);
	const deadline = performance.now() + PATIENCE_MS;
	while (performance.now() < deadline) {
		if (child.exitCode !== null) throw new Error(`the daemon ended with ${child.exitCode}`);
		const record = port === 0 ? readDaemonRecord(paths) : undefined;
		const url = port === 0 ? record?.pid === child.pid && record.url : `http://127.0.0.1:${port}`;
		if (
			url &&
			(await fetch(`${url}/health`)
				.then((answer) => answer.ok)
				.catch(() => false))
		)
			return url.replace("localhost", "127.0.0.1");
		await Bun.sleep(POLL_MS);
	}
	throw new Error("the daemon does not answer");
}
