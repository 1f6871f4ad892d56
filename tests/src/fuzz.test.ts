import { describe, expect, test } from "bun:test";
import { connect } from "node:net";
import fc from "fast-check";
import { privateMegabytes } from "./fuzz/private-memory.ts";
import { type FuzzedRequest, requestsTo } from "./fuzz/requests.ts";
import { routesOf } from "./fuzz/routes.ts";
import { Home } from "./home.ts";

/**
 * Malformed requests to every route, for so long: `SIGNET_FUZZ_SECONDS=600 npm test -- tests/src/fuzz.test.ts` goes on for
 * ten minutes, `SIGNET_FUZZ_SEED` begins elsewhere. What fails is told with the seed and the requests that did it.
 */
const SECONDS = Number(process.env.SIGNET_FUZZ_SECONDS) || 60;
const SEED = Number(process.env.SIGNET_FUZZ_SEED) || 5;
const WARM_UP_RUNS = 500;
const AT_ONCE = 8;
const PATIENCE_MS = 20_000;
const MAX_GROWTH_MEGABYTES = 20;
const LOOK_MS = 250;
const LOOKS_BEFORE = 24;
const LOOKS_AFTER = 160;

async function statusOf(url: string, { method, path, headers, body }: FuzzedRequest): Promise<number> {
	const response = await fetch(url + path, {
		method,
		headers,
		...(body !== undefined && { body }),
		signal: AbortSignal.timeout(PATIENCE_MS),
		redirect: "manual",
	});
	await response.arrayBuffer();
	return response.status;
}

test(
	`for ${SECONDS} s malformed requests are answered, none by a failure of ours, and leave nothing behind`,
	async () => {
		await using home = new Home();
		home.write({ ".agents/agent.yaml": "embedding:\n  provider: embedded\n" });
		const { process: daemon, url } = await home.serve();
		const send = async (path: string, body: unknown) =>
			(await (await fetch(url + path, { method: "POST", body: JSON.stringify(body) })).json()) as { id: string };
		const ids = [
			(await send("/api/memory/remember", { content: "something to be asked for" })).id,
			(await send("/api/imports", { source: "fuzzer", format: "jsonl" })).id,
		];
		const routes = routesOf(await (await fetch(`${url}/openapi.json`)).json());
		const answered = new Map<number, number>();
		const several = fc.array(requestsTo(routes, ids), { minLength: 1, maxLength: AT_ONCE });
		const property = fc.asyncProperty(several, async (requests) => {
			const statuses = await Promise.all(requests.map((request) => statusOf(url, request)));
			for (const status of statuses) answered.set(status, (answered.get(status) ?? 0) + 1);
			expect(statuses.filter((status) => status >= 500)).toEqual([]);
		});
		await fc.assert(property, { seed: SEED + 1, numRuns: WARM_UP_RUNS });
		const before = await leastMegabytes(daemon.pid, { looks: LOOKS_BEFORE, bound: 0 });
		await fc.assert(property, {
			seed: SEED,
			numRuns: 10_000_000,
			interruptAfterTimeLimit: SECONDS * 1_000,
			markInterruptAsFailure: false,
		});
		const after = await leastMegabytes(daemon.pid, { looks: LOOKS_AFTER, bound: before + MAX_GROWTH_MEGABYTES });
		console.log(
			`fuzzed with seed ${SEED}: ${[...answered]
				.sort()
				.map(([status, count]) => `${count} × ${status}`)
				.join(", ")}; ` + `${before.toFixed(1)} MB before, ${after.toFixed(1)} MB after`,
		);
		expect(daemon.exitCode).toBeNull();
		// Not all of it is turned away: what is almost right must get deeper.
		expect(answered.get(200)).toBeGreaterThan(100);
		expect(answered.get(400)).toBeGreaterThan(100);
		expect(after - before).toBeLessThan(MAX_GROWTH_MEGABYTES);
		expect((await fetch(`${url}/health`)).status).toBe(200);
	},
	(SECONDS + 120) * 1_000,
);

/**
 * The least that a process needs in some looks, or the first figure below a bound: garbage is collected when there is
 * time, some seconds after the last request.
 */
async function leastMegabytes(pid: number, { looks, bound }: { looks: number; bound: number }): Promise<number> {
	if (process.platform !== "linux") return 0;
	let least = Number.POSITIVE_INFINITY;
	for (let look = 0; look < looks && least >= bound; look++) {
		await Bun.sleep(LOOK_MS);
		least = Math.min(least, privateMegabytes(pid));
	}
	return least;
}

describe("bytes that are no HTTP", () => {
	test("are answered or cut off, and hurt nobody", async () => {
		await using home = new Home();
		home.write({ ".agents/agent.yaml": "embedding:\n  provider: embedded\n" });
		const { url } = await home.serve();
		const port = Number(new URL(url).port);
		const piece = fc.oneof(
			fc.constantFrom(
				"GET ",
				"POST ",
				"/health",
				" HTTP/1.1",
				"\r\n",
				"\n",
				"Host: localhost\r\n",
				"Content-Length: 5\r\n",
			),
			fc.constantFrom(
				"Transfer-Encoding: chunked\r\n",
				"Content-Length: -1\r\n",
				"\0",
				": ",
				"5\r\nabcde\r\n",
				"0\r\n\r\n",
			),
			fc.constantFrom(
				"Connection: close\r\n",
				"Upgrade: websocket\r\n",
				"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
				"\x16\x03\x01",
			),
			fc.string({ unit: "binary", maxLength: 20 }),
		);
		await fc.assert(
			fc.asyncProperty(fc.array(piece, { maxLength: 14 }), async (pieces) => {
				const answer = await exchanged(port, pieces.join(""));
				expect(answer).not.toMatch(/^HTTP\/1\.1 50[0-4]/);
			}),
			{ seed: SEED, numRuns: 300 },
		);
		expect((await fetch(`${url}/health`)).status).toBe(200);
	}, 120_000);
});

/** What comes for bytes that are followed by the end of the connection. */
function exchanged(port: number, bytes: string): Promise<string> {
	return new Promise((resolve) => {
		let answer = "";
		const socket = connect(port, "127.0.0.1", () => socket.end(bytes, "latin1"));
		socket.on("data", (part) => {
			answer += part.toString("latin1");
		});
		socket.on("error", () => resolve(answer));
		socket.on("close", () => resolve(answer));
		socket.setTimeout(2_000, () => socket.destroy());
	});
}
