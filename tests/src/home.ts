import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type WorkspacePaths, workspacePaths } from "@signet/core";
import { readDaemonRecord } from "@signet/daemon/runtime";
import { program } from "./program.ts";

export interface Outcome {
	readonly code: number;
	readonly stdout: string;
	readonly stderr: string;
}

/** A home folder of its own, and the program as a person in it would use it. */
export class Home implements AsyncDisposable {
	readonly folder = mkdtempSync(join(tmpdir(), "signet-home-"));
	readonly paths: WorkspacePaths = workspacePaths(join(this.folder, ".agents"));
	/** Nothing of this machine's environment; no port is named, so that homes do not meet, and nobody elsewhere is asked. */
	readonly env: Record<string, string> = {
		HOME: this.folder,
		SIGNET_PORT: "0",
		PATH: "",
		SIGNET_UPDATE_URL: "http://127.0.0.1:1",
	};

	/** Write files under the home. */
	write(files: Readonly<Record<string, string>>): void {
		for (const [name, text] of Object.entries(files)) {
			const file = join(this.folder, name);
			mkdirSync(join(file, ".."), { recursive: true });
			writeFileSync(file, text);
		}
	}

	/** Run a command to its end. */
	async run(
		args: readonly string[],
		{ stdin, env }: { stdin?: string; env?: Record<string, string> } = {},
	): Promise<Outcome> {
		const child = Bun.spawn([...program, ...args], {
			env: { ...this.env, ...env },
			cwd: this.folder,
			stdin: stdin === undefined ? "ignore" : new Blob([stdin]),
			stdout: "pipe",
			stderr: "pipe",
		});
		const [stdout, stderr, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
		return { code, stdout, stderr };
	}

	/** Run a command that answers as JSON; throws when it fails. */
	// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape.
	async json(...args: string[]): Promise<any> {
		const { code, stdout, stderr } = await this.run([...args, "--json"]);
		if (code !== 0) throw new Error(`${args.join(" ")} ended with ${code}: ${stderr}${stdout}`);
		return JSON.parse(stdout);
	}

	/** What the daemon answers at an address. */
	// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape.
	async get(path: string): Promise<{ status: number; body: any }> {
		const response = await fetch((readDaemonRecord(this.paths)?.url ?? "") + path);
		return { status: response.status, body: await response.json() };
	}

	/** Start the daemon in the foreground; resolves when it answers. */
	async serve(): Promise<{ process: Bun.Subprocess; url: string }> {
		const process = Bun.spawn([...program, "daemon", "--quiet"], { env: this.env, stdout: "ignore", stderr: "pipe" });
		const url = await until(async () => {
			if (process.exitCode !== null) throw new Error(`the daemon ended: ${await process.stderr.text()}`);
			const record = readDaemonRecord(this.paths);
			if (record?.pid !== process.pid) return undefined;
			const isHealthy = await fetch(`${record.url}/health`).then(
				(response) => response.ok,
				() => false,
			);
			return isHealthy ? record.url : undefined;
		});
		return { process, url };
	}

	async [Symbol.asyncDispose](): Promise<void> {
		const record = readDaemonRecord(this.paths);
		if (record) {
			try {
				process.kill(record.pid, "SIGKILL");
			} catch {
				// It has ended already.
			}
		}
		rmSync(this.folder, { recursive: true, force: true });
	}
}

const POLL_MS = 10;
const PATIENCE_MS = 20_000;

/** Ask until there is an answer. */
export async function until<T>(ask: () => Promise<T | undefined> | T | undefined): Promise<T> {
	const deadline = performance.now() + PATIENCE_MS;
	for (;;) {
		const answer = await ask();
		if (answer !== undefined) return answer;
		if (performance.now() > deadline) throw new Error(`nothing happened within ${PATIENCE_MS / 1000} s`);
		await Bun.sleep(POLL_MS);
	}
}
