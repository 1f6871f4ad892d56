import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { Home, until } from "./home.ts";

const TIMEOUT_MS = 120_000;
const CLIENTS = 2_000;
const RECALLS = 200;
const MIB = 1024 * 1024;
const isLinux = process.platform === "linux";

/** A client that sends what it is told to when it is told to, and hears what is answered. */
class RawClient {
	readonly #socket: Socket;
	#heard = "";
	#isClosed = false;

	constructor(url: string) {
		const { hostname, port } = new URL(url);
		this.#socket = connect(Number(port), hostname);
		this.#socket.on("data", (bytes) => {
			if (this.#heard.length < 1_000) this.#heard += bytes.toString("latin1");
		});
		this.#socket.on("error", () => undefined);
		this.#socket.on("close", () => {
			this.#isClosed = true;
		});
	}

	/** Resolves when the system has taken it. */
	send(bytes: string | Uint8Array): Promise<void> {
		return new Promise((resolve) => this.#socket.write(bytes, () => resolve()));
	}

	/** Begin a request to remember something. */
	begin(length: number): Promise<void> {
		return this.send(`POST /api/memory/remember HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${length}\r\n\r\n`);
	}

	/** Of the answer; 0 as long as there is none. */
	get status(): number {
		return Number(/^HTTP\/1\.1 (\d+)/.exec(this.#heard)?.[1] ?? 0);
	}

	get isClosed(): boolean {
		return this.#isClosed;
	}

	[Symbol.dispose](): void {
		this.#socket.destroy();
	}
}

function residentMib(pid: number): number {
	const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
	return Number(kilobytes) / 1024;
}

async function recallOften(url: string): Promise<{ statuses: Set<number>; p99Ms: number }> {
	const times: number[] = [];
	const statuses = new Set<number>();
	for (let n = 0; n < RECALLS; n++) {
		const askedAt = performance.now();
		const body = JSON.stringify({ query: `which port has service ${n}?` });
		const response = await fetch(`${url}/api/memory/recall`, { method: "POST", body });
		await response.text();
		times.push(performance.now() - askedAt);
		statuses.add(response.status);
	}
	times.sort((a, b) => a - b);
	return { statuses, p99Ms: times[Math.floor(RECALLS * 0.99)] ?? Number.NaN };
}

async function busyHome(): Promise<{ home: Home; url: string; pid: number }> {
	const home = new Home();
	const { url, process } = await home.serve();
	const reachable = url.replace("localhost", "127.0.0.1");
	for (let n = 0; n < 100; n++) {
		const body = JSON.stringify({ content: `Service ${n} listens on port ${5_000 + n}` });
		await fetch(`${reachable}/api/memory/remember`, { method: "POST", body });
	}
	return { home, url: reachable, pid: process.pid };
}

function counts(clients: readonly RawClient[]): Record<number, number> {
	const all: Record<number, number> = {};
	for (const { status } of clients) all[status] = (all[status] ?? 0) + 1;
	return all;
}

test.if(isLinux)(
	`${CLIENTS} clients that send slowly keep nobody waiting, are all answered, and hold little memory`,
	async () => {
		const { home, url, pid } = await busyHome();
		await using _ = home;
		const idle = await recallOften(url);
		const before = residentMib(pid);
		const body = (n: number) => JSON.stringify({ content: `Slowly said by client ${String(n).padStart(5, "0")}` });
		const clients = Array.from({ length: CLIENTS }, () => new RawClient(url));
		await Promise.all(clients.map((client, n) => client.begin(body(n).length)));
		let sent = 0;
		const trickle = async () => {
			await Promise.all(clients.map((client, n) => client.send(body(n).slice(sent, sent + 5))));
			sent += 5;
		};
		await trickle();
		const busy = await recallOften(url);
		const during = residentMib(pid);
		await trickle();
		const laterToo = await recallOften(url);
		await Promise.all(clients.map((client, n) => client.send(body(n).slice(sent))));
		await until(() => clients.every(({ status }) => status > 0) || undefined);
		const answers = counts(clients);
		console.log(
			`recall p99 idle ${idle.p99Ms.toFixed(1)} ms, beside slow clients ${busy.p99Ms.toFixed(1)} and ${laterToo.p99Ms.toFixed(1)} ms; ` +
				`resident ${before.toFixed(0)} MB before, ${during.toFixed(0)} MB during; answers ${JSON.stringify(answers)}`,
		);
		expect([...busy.statuses, ...laterToo.statuses]).toEqual([200, 200]);
		expect(Object.keys(answers).sort()).toEqual(["200", "503"]);
		expect((answers[200] ?? 0) + (answers[503] ?? 0)).toBe(CLIENTS);
		expect(answers[200]).toBeGreaterThanOrEqual(1_000);
		expect(during - before).toBeLessThan(64);
		expect((await home.get("/api/memories?limit=1")).body.stats.total).toBe(100 + (answers[200] ?? 0));
		// Who is told to come again is not kept on the line.
		await until(() => clients.every(({ status, isClosed }) => status === 200 || isClosed) || undefined);
		for (const client of clients) client[Symbol.dispose]();
	},
	TIMEOUT_MS,
);

test.if(isLinux)(
	"clients that begin large bodies and never end them cannot take the memory, nor the place of those who are quick",
	async () => {
		const { home, url, pid } = await busyHome();
		await using _ = home;
		const before = residentMib(pid);
		const clients: RawClient[] = [];
		let peak = before;
		for (let n = 0; n < 60; n++) {
			const client = new RawClient(url);
			clients.push(client);
			await client.begin(9 * MIB);
			void client.send(new Uint8Array(8 * MIB));
			peak = Math.max(peak, residentMib(pid));
		}
		const { statuses } = await recallOften(url);
		peak = Math.max(peak, residentMib(pid));
		console.log(
			`resident ${before.toFixed(0)} MB before, at most ${peak.toFixed(0)} MB; answers ${JSON.stringify(counts(clients))}`,
		);
		expect([...statuses]).toEqual([200]);
		expect(peak - before).toBeLessThan(192);
		// Those for which there was no room heard so.
		await until(() => clients.filter(({ status }) => status === 503).length >= 60 - 7 || undefined);
		for (const client of clients) client[Symbol.dispose]();
		const large = JSON.stringify({ content: "x".repeat(200_000) });
		await until(async () => {
			const response = await fetch(`${url}/api/memory/remember`, { method: "POST", body: large });
			return response.status === 503 ? undefined : response.status;
		});
	},
	TIMEOUT_MS,
);
