import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { World } from "@signet/core";
import { realWorld } from "@signet/core/world";
import { type RunningDaemon, startDaemon } from "../daemon.ts";
import type { DaemonOptions } from "../daemon-options.ts";
import type { LogEntry } from "../logs/log-entry.ts";

export interface TemporaryDaemon extends AsyncDisposable {
	readonly daemon: RunningDaemon;
	readonly root: string;
	readonly log: LogEntry[];
	/** Send a request; a body that is no text is sent as JSON. */
	send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
}

export interface Answer {
	readonly status: number;
	readonly headers: Headers;
	readonly text: string;
	/** The body as JSON; undefined when it is none. */
	// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape.
	readonly json: any;
}

/** A real daemon on a free port, on a workspace that goes away with it. */
export async function temporaryDaemon(
	configuration = "embedding:\n  provider: embedded\nmemory:\n  pipelineV2:\n    enabled: false\n",
	options: Partial<DaemonOptions> & { world?: World } = {},
): Promise<TemporaryDaemon> {
	const root = options.root ?? mkdtempSync(join(tmpdir(), "signet-daemon-"));
	mkdirSync(root, { recursive: true });
	writeFileSync(join(root, "agent.yaml"), configuration);
	const log: LogEntry[] = [];
	const daemon = await startDaemon({
		root,
		host: "127.0.0.1",
		port: 0,
		env: {},
		world: realWorld,
		onLogEntry: (entry) => log.push(entry),
		...options,
	});
	return {
		daemon,
		root,
		log,
		async send(method, path, body, headers = {}) {
			const response = await fetch(daemon.url + path, {
				method,
				headers,
				...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
			});
			const text = await response.text();
			return { status: response.status, headers: response.headers, text, json: parse(text) };
		},
		async [Symbol.asyncDispose]() {
			await daemon.stop();
			rmSync(root, { recursive: true, force: true });
		},
	};
}

function parse(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
