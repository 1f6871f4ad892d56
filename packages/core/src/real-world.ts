import { closeSync, openSync } from "node:fs";
import { forEachPart, killMarked, startProcessGroup } from "./process-group.ts";
import type { World } from "./world.ts";

/** So much of what a process wrote on its standard error is kept. */
const LAST_WORDS_CHARS = 2_000;
/** So much of what a command printed is kept. */
const PRINTED_BYTES = 1_000_000;

/** An answer is held as a whole; none that makes sense has more. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

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
		async fetch(url, { timeoutMs, maxBytes = MAX_ANSWER_BYTES, ...request }) {
			// The one limit is ours; the runtime would give up after five minutes of silence.
			const limits = { signal: AbortSignal.timeout(timeoutMs), timeout: false };
			const response = await fetch(url, { ...request, redirect: "error", ...limits });
			return { status: response.status, text: await readText(response, maxBytes) };
		},
		async download(url, { method, body, headers, address, timeoutMs, signal }) {
			const timeout = AbortSignal.timeout(timeoutMs);
			const response = await fetch(address === undefined ? url : urlAt(url, address), {
				...(method && { method }),
				...(body !== undefined && { body }),
				headers: { ...headers, ...(address !== undefined && { host: new URL(url).host }) },
				redirect: "manual",
				signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
				decompress: false,
				...(address !== undefined && { keepalive: false, tls: { serverName: serverName(url) } }),
			});
			return {
				status: response.status,
				header: (name) => response.headers.get(name) ?? undefined,
				body: response.body ?? new Blob().stream(),
			};
		},
		async resolve(host) {
			const found = await Bun.dns.lookup(host);
			if (found.length === 0) throw new Error(`${host} has no address`);
			return found.map(({ address }) => address);
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
		startPiped(command, { env, onOutput, onExit }) {
			const child = Bun.spawn([...command], { stdin: "pipe", stdout: "pipe", stderr: "pipe", env: { ...env } });
			child.unref();
			const { stdin, stdout, stderr } = child;
			let lastWords = "";
			const told = Promise.all([
				forEachPart(stdout, onOutput),
				forEachPart(stderr, (part) => {
					lastWords = (lastWords + new TextDecoder().decode(part)).slice(-LAST_WORDS_CHARS);
				}),
			]);
			void Promise.all([child.exited, told]).then(() => {
				onExit({ exitCode: child.exitCode ?? undefined, lastWords: lastWords.trim() });
			});
			return {
				pid: child.pid,
				// A pipe whose reader is gone says so by its end, which `onExit` tells.
				write: (text) => void Promise.all([stdin.write(text), stdin.flush()]).catch(() => undefined),
				closeInput: () => void Promise.resolve(stdin.end()).catch(() => undefined),
				kill: () => child.kill("SIGKILL"),
			};
		},
		async run(command, { env, timeoutMs }) {
			const child = Bun.spawn([...command], {
				stdin: "ignore",
				stdout: "pipe",
				stderr: "pipe",
				timeout: timeoutMs,
				killSignal: "SIGKILL",
				...(env && { env: { ...env } }),
			});
			const [stdout, stderr] = await Promise.all([textOf(child.stdout), textOf(child.stderr)]);
			await child.exited;
			return { exitCode: child.exitCode ?? undefined, stdout, stderr };
		},
		startGroup: startProcessGroup,
		killMarked,
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

async function textOf(stream: ReadableStream<Uint8Array>): Promise<string> {
	const kept: Uint8Array[] = [];
	let room = PRINTED_BYTES;
	await forEachPart(stream, (part) => {
		if (room > 0) kept.push(part.subarray(0, room));
		room -= part.length;
	});
	return Buffer.concat(kept).toString("utf8");
}

/** A URL by the address of its host. */
function urlAt(url: string, address: string): string {
	const at = new URL(url);
	at.hostname = address.includes(":") ? `[${address}]` : address;
	return at.href;
}

/** The name that a server has to prove; an address needs none. */
function serverName(url: string): string {
	return new URL(url).hostname.replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "");
}

async function readText(response: Response, maxBytes: number): Promise<string> {
	const { body, headers } = response;
	// What says how long it is need not be counted as it comes, unless it is packed or comes in pieces all the same.
	const isPlain = !headers.has("content-encoding") && !headers.has("transfer-encoding");
	const declared = isPlain ? headers.get("content-length") : null;
	if (declared !== null && Number(declared) <= maxBytes) return response.text();
	const parts: Uint8Array[] = [];
	let length = 0;
	for await (const part of body ?? new Blob().stream()) {
		length += part.byteLength;
		if (length > maxBytes) throw new Error(`the answer has more than ${maxBytes} bytes`);
		parts.push(part);
	}
	return new TextDecoder().decode(Buffer.concat(parts, length));
}
