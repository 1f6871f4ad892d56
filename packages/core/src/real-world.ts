import { closeSync, openSync } from "node:fs";
import type { World } from "./world.ts";

/** The machine we run on. */
export const realWorld: World = {
	clock: {
		now: () => Date.now(),
		monotonicMs: () => performance.now(),
	},
	timers: {
		after(delayMs, callback) {
			const timer = setTimeout(callback, delayMs);
			timer.unref();
			return { cancel: () => clearTimeout(timer) };
		},
		sleep: (delayMs) => Bun.sleep(delayMs),
		yield: () => new Promise((resolve) => setImmediate(resolve)),
	},
	random: {
		uuid: () => crypto.randomUUID(),
		bytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
	},
	network: {
		async fetch(url, { timeoutMs, ...request }) {
			const response = await fetch(url, { ...request, redirect: "error", signal: AbortSignal.timeout(timeoutMs) });
			return { status: response.status, text: await response.text() };
		},
	},
	processes: {
		startDetached(command, { env, stdoutFile, stderrFile }) {
			const stdout = openSync(stdoutFile, "a", 0o600);
			const stderr = openSync(stderrFile, "a", 0o600);
			const child = Bun.spawn([...command], { detached: true, stdin: "ignore", stdout, stderr, env: { ...env } });
			closeSync(stdout);
			closeSync(stderr);
			child.unref();
			return { pid: child.pid, exitCode: () => child.exitCode ?? undefined };
		},
		async runInTerminal(command) {
			return Bun.spawn([...command], { stdin: "inherit", stdout: "inherit", stderr: "inherit" }).exited;
		},
		isAlive(pid) {
			try {
				process.kill(pid, 0);
				return true;
			} catch (error) {
				return error instanceof Error && "code" in error && error.code === "EPERM";
			}
		},
		signal(pid, signal) {
			try {
				process.kill(pid, signal);
				return true;
			} catch {
				return false;
			}
		},
	},
};
