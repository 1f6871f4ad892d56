import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { realWorld } from "../real-world.ts";
import { seededWorld } from "../testing/seeded-world.ts";
import { SERVICE_CERTIFICATE, SERVICE_KEY } from "../testing/service-certificate.ts";
import type { World } from "../world.ts";
import { ask, contentOf, type OutgoingRequest } from "./ask.ts";
import { OWNER, type Reach } from "./outgoing-url.ts";
import { RefusedAddress } from "./refused-address.ts";

const asked: string[] = [];
const server = Bun.serve({
	hostname: "127.0.0.1",
	port: 0,
	fetch(request) {
		const url = new URL(request.url);
		asked.push(`${request.headers.get("host")}${url.pathname}`);
		const to = url.searchParams.get("to");
		if (to !== null) return new Response(null, { status: 302, headers: { location: to } });
		switch (url.pathname) {
			case "/headers":
				return Response.json(Object.fromEntries(request.headers));
			case "/bomb":
				return new Response(gzipSync(Buffer.alloc(50_000_000)), { headers: { "content-encoding": "gzip" } });
			case "/gzip":
				return new Response(gzipSync("content"), { headers: { "content-encoding": "gzip" } });
			case "/br":
				return new Response(brotliCompressSync("content"), { headers: { "content-encoding": "br" } });
			case "/deflate":
				return new Response(deflateSync("content"), { headers: { "content-encoding": "deflate" } });
			case "/damaged":
				return new Response("no gzip", { headers: { "content-encoding": "gzip" } });
			case "/twice":
				return new Response(gzipSync(gzipSync("x")), { headers: { "content-encoding": "gzip, gzip" } });
			case "/silent":
				return new Promise<Response>(() => undefined);
			case "/drip":
				return new Response(
					new ReadableStream({
						async pull(controller) {
							await Bun.sleep(20);
							controller.enqueue(new Uint8Array(1));
						},
					}),
				);
			default:
				return new Response(`body of ${url.pathname}`);
		}
	},
});
const port = server.port ?? 0;
afterAll(() => server.stop(true));

/** Who has which address, as nobody but this test says. A list is gone through, one answer at a time. */
function worldOf(names: Readonly<Record<string, readonly string[] | readonly (readonly string[])[]>>) {
	const resolved: string[] = [];
	const world: Pick<World, "network" | "timers"> = {
		timers: realWorld.timers,
		network: {
			...realWorld.network,
			async resolve(host) {
				const answers = names[host];
				if (!answers) throw new Error("no such host");
				const nth = resolved.filter((each) => each === host).length;
				resolved.push(host);
				const answer = answers[Math.min(nth, answers.length - 1)];
				return typeof answer === "string" ? (answers as readonly string[]) : (answer ?? []);
			},
		},
	};
	return { world, resolved };
}

const HERE: Reach = { ports: [port], privateHosts: ["service.test"] };
const LIMITS = { maxBytes: 1_000_000, timeoutMs: 5_000 };

async function outcome(
	world: Pick<World, "network" | "timers">,
	url: string,
	request: Partial<OutgoingRequest> = {},
): Promise<string> {
	try {
		const answer = await ask(world, url, { ...LIMITS, reach: HERE, ...request });
		return `${answer.status} ${Buffer.from(await contentOf(answer)).toString()}`;
	} catch (error) {
		if (error instanceof RefusedAddress) return "refused";
		return `failed: ${error instanceof Error ? error.message : error}`;
	}
}

describe("a name", () => {
	test("is asked for at the address that was checked, whatever the machine's own resolver says", async () => {
		const { world, resolved } = worldOf({ "service.test": ["127.0.0.1"] });
		expect(await outcome(world, `http://service.test:${port}/page`)).toBe("200 body of /page");
		expect(asked.at(-1)).toBe(`service.test:${port}/page`);
		expect(resolved).toEqual(["service.test"]);
	});

	test("that has an address inside is refused, whatever other ones it has, and nothing is sent", async () => {
		const before = asked.length;
		for (const addresses of [
			["127.0.0.1"],
			["::1"],
			["1.1.1.1", "127.0.0.1"],
			["127.0.0.1", "1.1.1.1"],
			["::ffff:127.0.0.1"],
			["64:ff9b::7f00:1"],
			["169.254.169.254"],
			[],
		]) {
			const { world } = worldOf({ "evil.test": [addresses] });
			expect(await outcome(world, `http://evil.test:${port}/`)).toMatch(/^refused|no address/);
		}
		expect(asked).toHaveLength(before);
	});

	test("that has another address a moment later reaches nothing by it", async () => {
		const connected: (string | undefined)[] = [];
		const { world } = worldOf({ "rebinding.test": [["93.184.215.14"], ["127.0.0.1"], ["127.0.0.1"]] });
		const network: World["network"] = {
			...world.network,
			async download(_url, { address }) {
				connected.push(address);
				throw new Error("unreachable");
			},
		};
		const request = { reach: { ports: [port] } };
		expect(await outcome({ ...world, network }, `http://rebinding.test:${port}/`, request)).toContain("failed");
		expect(await outcome({ ...world, network }, `http://rebinding.test:${port}/`, request)).toBe("refused");
		expect(connected).toEqual(["93.184.215.14"]);
	});

	test("with several addresses is asked for at the next when one does not answer", async () => {
		const { world } = worldOf({ "service.test": [["127.0.0.3", "127.0.0.1"]] });
		const network: World["network"] = {
			...world.network,
			download: (url, request) =>
				request.address === "127.0.0.3" ? Promise.reject(new Error("refused")) : world.network.download(url, request),
		};
		expect(await outcome({ ...world, network }, `http://service.test:${port}/x`)).toBe("200 body of /x");
	});

	test.each([
		"localhost",
		"LOCALHOST.",
		"127.0.0.1",
		"[::1]",
		"2130706433",
		"0x7f000001",
		"127.1",
		"0",
		"[::ffff:7f00:1]",
	])("for this machine, %p, is refused", async (host) => {
		const { world } = worldOf({ localhost: ["127.0.0.1", "::1"] });
		expect(await outcome(world, `http://${host}:${port}/`)).toBe("refused");
	});

	test("that nobody knows fails in words", async () => {
		expect(await outcome(worldOf({}).world, "https://nowhere.test/")).toBe(
			"failed: nowhere.test is not found: no such host",
		);
	});
});

test("a server behind https proves the name that was asked for, not the address", async () => {
	const tls = Bun.serve({
		hostname: "127.0.0.1",
		port: 0,
		tls: { cert: SERVICE_CERTIFICATE, key: SERVICE_KEY },
		fetch: (request) => new Response(request.headers.get("host")),
	});
	const folder = mkdtempSync(join(tmpdir(), "signet-tls-"));
	try {
		writeFileSync(join(folder, "ca.pem"), SERVICE_CERTIFICATE);
		const script = `
			import { realWorld } from ${JSON.stringify(join(import.meta.dir, "..", "real-world.ts"))};
			import { ask, contentOf } from ${JSON.stringify(join(import.meta.dir, "ask.ts"))};
			const network = { ...realWorld.network, resolve: async () => ["127.0.0.1"] };
			for (const host of ["service.test", "other.test"]) {
				const reach = { ports: "any", privateHosts: "any" };
				const url = "https://" + host + ":${tls.port}/";
				await ask({ network, timers: realWorld.timers }, url, { reach, maxBytes: 1000, timeoutMs: 5000 }).then(
					async (answer) => console.log("answered", Buffer.from(await contentOf(answer)).toString()),
					(error) => console.log("failed", error.code),
				);
			}`;
		const child = Bun.spawn([process.execPath, "-e", script], {
			env: { ...process.env, NODE_EXTRA_CA_CERTS: join(folder, "ca.pem") },
			stdout: "pipe",
			stderr: "inherit",
		});
		expect((await child.stdout.text()).trim().split("\n")).toEqual([
			`answered service.test:${tls.port}`,
			"failed ERR_TLS_CERT_ALTNAME_INVALID",
		]);
	} finally {
		await tls.stop(true);
		rmSync(folder, { recursive: true });
	}
});

describe("a redirect", () => {
	const { world } = worldOf({
		"service.test": ["127.0.0.1"],
		"inside.test": ["127.0.0.1"],
		"mixed.test": ["1.1.1.1", "10.0.0.1"],
	});
	const to = (location: string) => `http://service.test:${port}/go?to=${encodeURIComponent(location)}`;

	test("is followed to where one may ask", async () => {
		expect(await outcome(world, to("/there"))).toBe("200 body of /there");
		expect(await outcome(world, to(`//service.test:${port}/there`))).toBe("200 body of /there");
	});

	test.each([
		() => `http://inside.test:${port}/secret`,
		() => `http://mixed.test:${port}/secret`,
		() => `http://127.0.0.1:${port}/secret`,
		() => `http://[::1]:${port}/secret`,
		() => "http://169.254.169.254/latest/meta-data/",
		() => "file:///etc/passwd",
		() => "http://service.test:22/",
		() => `http://ana:word@service.test:${port}/secret`,
		() => "http://[",
	])("%p is followed no further", async (location) => {
		expect(await outcome(world, to(location()))).toBe("refused");
		expect(asked.at(-1)).toEndWith("/go");
	});

	test("ends after five", async () => {
		let location = "/end";
		for (let more = 1; more < 5; more++) location = `/go?to=${encodeURIComponent(location)}`;
		expect(await outcome(world, to(location))).toBe("200 body of /end");
		expect(await outcome(world, to(`/go?to=${encodeURIComponent(location)}`))).toContain("redirects too often");
	});

	test("of the owner's own server may lead to itself and to the internet, and to nothing else inside", async () => {
		const reach = OWNER;
		expect(await outcome(world, to("/there"), { reach })).toBe("200 body of /there");
		expect(await outcome(world, to(`http://inside.test:${port}/secret`), { reach })).toBe("refused");
		expect(await outcome(world, to(`http://127.0.0.1:${port}/secret`), { reach })).toBe("refused");
	});

	test("never leads from https to http, and takes no passwords to another server", async () => {
		const seen: { url: string; headers: unknown }[] = [];
		const download =
			(location: string): World["network"]["download"] =>
			async (url, { headers }) => {
				seen.push({ url, headers });
				const isFirst = seen.length === 1;
				return {
					status: isFirst ? 302 : 200,
					header: (name) => (isFirst && name === "location" ? location : undefined),
					body: new Blob(["there"]).stream(),
				};
			};
		const headers = { authorization: "Bearer secret", cookie: "a=b", "x-api-key": "secret", accept: "text/html" };
		const asking = (location: string) =>
			outcome(seededWorld({ download: download(location) }), "https://a.test/", { reach: {}, headers });
		expect(await asking("http://b.test/")).toBe("refused");
		expect(seen.splice(0)).toHaveLength(1);
		expect(await asking("https://b.test/")).toBe("200 there");
		expect(seen[0]?.headers).toMatchObject(headers);
		expect(Object.keys(seen[1]?.headers ?? {}).sort()).toEqual(["accept", "accept-encoding"]);
	});

	test("of what was sent is none of ours to follow", async () => {
		const before = asked.length;
		expect(await outcome(world, to("/there"), { method: "POST", body: "x" })).toStartWith("302");
		expect(asked).toHaveLength(before + 1);
	});
});

describe("an answer", () => {
	const { world } = worldOf({ "service.test": ["127.0.0.1"] });
	const at = (path: string) => `http://service.test:${port}${path}`;

	test.each(["/gzip", "/br", "/deflate"])("is decompressed (%p)", async (path) => {
		expect(await outcome(world, at(path))).toBe("200 content");
	});

	test("that becomes too large when it is decompressed is broken off", async () => {
		expect(await outcome(world, at("/bomb"))).toMatch(
			/^failed: the answer has \d+ bytes; at most 1000000 are accepted/,
		);
	});

	test("that is too large as it is, is not even read", async () => {
		expect(await outcome(world, at("/long"), { maxBytes: 5 })).toContain("the answer has 13 bytes; at most 5");
	});

	test("that is damaged, or compressed in ways nobody asked for, fails in words", async () => {
		expect(await outcome(world, at("/damaged"))).toStartWith("failed: ");
		expect(await outcome(world, at("/twice"))).toContain("compressed in a way that is not understood");
	});

	test("that does not come in time, or drips, is given up", async () => {
		const limits = { timeoutMs: 200 };
		expect(await outcome(world, at("/silent"), limits)).toStartWith("failed: ");
		expect(await outcome(world, at("/drip"), limits)).toContain("no answer within 200 ms");
	});

	test("nobody waits for can be broken off", async () => {
		const leaving = new AbortController();
		const asking = outcome(world, at("/silent"), { signal: leaving.signal });
		leaving.abort(new Error("left"));
		expect(await asking).toStartWith("failed: ");
	});
});

test("a name that is never found is given up in time too", async () => {
	const world = seededWorld({ resolve: () => new Promise(() => undefined) });
	const asking = outcome(world, "https://slow.test/", { reach: {}, timeoutMs: 3_000 });
	await world.advance(3_000);
	expect(await asking).toBe("failed: no answer within 3000 ms");
});

test("whatever names resolve to and servers redirect to, no connection is made to anything inside", async () => {
	const host = fc.constantFrom("a.test", "b.test", "c.test", "127.0.0.1", "[::1]", "10.1.1.1", "8.8.4.4", "0x7f.1");
	const url = fc
		.tuple(fc.constantFrom("http:", "https:", "file:", "ftp:"), host, fc.constantFrom("", ":80", ":8080", ":22"))
		.map(([scheme, name, at]) => `${scheme}//${name}${at}/`);
	const address = fc.oneof(
		fc.constantFrom(
			"127.0.0.1",
			"::1",
			"10.0.0.1",
			"169.254.169.254",
			"::ffff:10.0.0.1",
			"fd00::1",
			"8.8.8.8",
			"9.9.9.9",
		),
		fc.constantFrom("2606:4700::1111", "8.8.4.4"),
	);
	const plan = fc.record({
		first: url,
		locations: fc.array(url, { maxLength: 7 }),
		answers: fc.array(fc.array(address, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 8 }),
	});
	await fc.assert(
		fc.asyncProperty(plan, async ({ first, locations, answers }) => {
			const connections: string[] = [];
			let resolved = 0;
			const world = seededWorld({
				resolve: () => answers[resolved++ % answers.length] ?? [],
				download(at, { address: connected }) {
					connections.push(connected ?? new URL(at).hostname);
					expect(new URL(at).protocol).toMatch(/^https?:$/);
					expect(["", "80", "443"]).toContain(new URL(at).port);
					const location = locations[connections.length - 1];
					return {
						status: location ? 307 : 200,
						header: (name) => (name === "location" ? location : undefined),
						body: new Blob([]).stream(),
					};
				},
			});
			await outcome(world, first, { reach: {} });
			expect(connections.length).toBeLessThanOrEqual(6);
			for (const each of connections) expect(["8.8.8.8", "9.9.9.9", "8.8.4.4", "2606:4700::1111"]).toContain(each);
		}),
		{ seed: 28, numRuns: 2_000 },
	);
});
