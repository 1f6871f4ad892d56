import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seededWorld } from "@signet/core/testing";
import { realWorld } from "@signet/core/world";
import fc from "fast-check";
import type { Digest } from "./digests.ts";
import { download } from "./download.ts";
import { fetchFile } from "./fetch-file.ts";

const CONTENT = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 7919) % 251));
const SHA256 = createHash("sha256").update(CONTENT).digest("hex");
const GIT = createHash("sha1").update(`blob ${CONTENT.length}\0`).update(CONTENT).digest("hex");

const folder = mkdtempSync(join(tmpdir(), "signet-download-"));
const file = join(folder, "model.onnx");
let answer: (request: Request) => Response | Promise<Response> = () => new Response();
let sent: { path: string; range: string | null }[] = [];
let server: Bun.Server<undefined>;

beforeAll(() => {
	server = Bun.serve({
		hostname: "127.0.0.1",
		port: 0,
		fetch(request) {
			sent.push({ path: new URL(request.url).pathname, range: request.headers.get("range") });
			return answer(request);
		},
	});
});
afterAll(async () => {
	await server.stop(true);
	rmSync(folder, { recursive: true });
});
beforeEach(() => {
	for (const name of readdirSync(folder)) rmSync(join(folder, name));
	sent = [];
});

const tagged = (body: ConstructorParameters<typeof Response>[0], headers: Record<string, string> = {}, status = 200) =>
	new Response(body, { status, headers: { "x-linked-etag": `"${SHA256}"`, ...headers } });

/** All of it or what a range asks for. */
function whole(request: Request): Response {
	const from = Number(/^bytes=(\d+)-$/.exec(request.headers.get("range") ?? "")?.[1] ?? 0);
	if (from === 0) return tagged(CONTENT);
	if (from >= CONTENT.length) return tagged(null, {}, 416);
	const range = `bytes ${from}-${CONTENT.length - 1}/${CONTENT.length}`;
	return tagged(CONTENT.subarray(from), { "content-range": range }, 206);
}

/** Download from a server whose connection is lost after so many more bytes of the file, once they have arrived. */
async function brokenOff(bytes: number): Promise<string> {
	let cut: () => unknown = () => undefined;
	let last = 0;
	const breaking = createServer((socket) => {
		socket.on("error", () => undefined);
		socket.on("data", (request) => {
			const from = Number(/^range: bytes=(\d+)-/im.exec(request.toString())?.[1] ?? 0);
			const range = from > 0 ? `content-range: bytes ${from}-${CONTENT.length - 1}/${CONTENT.length}\r\n` : "";
			const head = `HTTP/1.1 ${from > 0 ? "206 Partial Content" : "200 OK"}\r\nx-linked-etag: "${SHA256}"\r\n${range}`;
			socket.write(`${head}content-length: ${CONTENT.length - from}\r\n\r\n`);
			socket.write(CONTENT.subarray(from, from + bytes));
			last = Math.min(from + bytes, CONTENT.length);
			cut = () => socket.destroy();
		});
	});
	await new Promise<void>((resolve) => breaking.listen(0, "127.0.0.1", resolve));
	const address = breaking.address();
	const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : undefined}/file`;
	try {
		return await problemOf(get({ url, onProgress: (received) => received >= last && cut() }));
	} finally {
		breaking.close();
	}
}

function get(
	options: {
		digest?: Digest;
		maxBytes?: number;
		url?: string;
		signal?: AbortSignal;
		onProgress?: (bytes: number) => void;
	} = {},
) {
	const {
		digest,
		maxBytes = 10_000_000,
		url = `http://127.0.0.1:${server.port}/file`,
		signal,
		onProgress = () => undefined,
	} = options;
	return download(realWorld, { url, file, digest, maxBytes, onProgress, ...(signal && { signal }) });
}
const problemOf = (promise: Promise<unknown>) =>
	promise.then(
		() => "none",
		(error: Error) => error.message,
	);

test("a file is in its place when its digest is the one that the server said", async () => {
	answer = whole;
	expect(await get()).toBe(SHA256);
	expect(readFileSync(file)).toEqual(CONTENT);
	expect(readdirSync(folder)).toEqual(["model.onnx"]);
});

test("small files are known by Git's digest of them", async () => {
	answer = () => new Response(CONTENT, { headers: { etag: `W/"${GIT}"` } });
	expect(await get()).toBe(SHA256);
	answer = () => new Response(CONTENT.subarray(1), { headers: { etag: `"${GIT}"` } });
	expect(await problemOf(get())).toContain(`should be git-sha1:${GIT}`);
});

test("the digest is that of the server that was asked, whatever the one says that brings the bytes", async () => {
	const other = Bun.serve({
		hostname: "127.0.0.1",
		port: 0,
		fetch: () =>
			new Response("other bytes", {
				headers: { etag: `"${createHash("sha256").update("other bytes").digest("hex")}"` },
			}),
	});
	answer = () => tagged(null, { location: `http://127.0.0.1:${other.port}/cdn` }, 302);
	expect(await problemOf(get())).toContain(`should be sha256:${SHA256}`);
	await other.stop(true);
});

describe("nothing is taken", () => {
	test.each([
		[
			"of other bytes",
			() => tagged(Buffer.from("other bytes")),
			/was not taken: it is sha256:\w+, and should be sha256:/,
		],
		["without a digest", () => new Response(CONTENT), /comes without a digest/],
		["that is not there", () => tagged("gone", {}, 404), /answered 404/],
		["that is sent around in circles", () => tagged(null, { location: "/file" }, 302), /redirects too often/],
		["that is larger than it may be", () => tagged(CONTENT), /at most 1000 are taken/],
		[
			"that turns out larger than it may be",
			() => tagged(new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(600)) })),
			/more than the 1000 bytes/,
		],
	])("%s", async (what, respond, problem) => {
		answer = respond;
		const options = what.includes("larger") ? { maxBytes: 1_000 } : {};
		expect(await problemOf(get(options))).toMatch(problem);
		expect(existsSync(file)).toBe(false);
	});

	test("that has another digest than the person says, even if the server says so too", async () => {
		answer = whole;
		expect(await problemOf(get({ digest: `sha256:${"0".repeat(64)}` }))).toContain("was not taken");
		writeFileSync(file, "placed by hand");
		expect(await problemOf(get({ digest: `sha256:${"0".repeat(64)}` }))).toContain("was not taken");
		expect(readFileSync(file, "utf8")).toBe("placed by hand");
	});
});

describe("a download that broke off", () => {
	test("goes on where it was, wherever that is", async () => {
		await fc.assert(
			fc.asyncProperty(fc.array(fc.integer({ min: 1, max: CONTENT.length }), { maxLength: 4 }), async (breaks) => {
				rmSync(file, { force: true });
				for (const bytes of breaks) if (!existsSync(file)) await brokenOff(bytes);
				answer = whole;
				if (!existsSync(file)) expect(await get()).toBe(SHA256);
				expect(readFileSync(file)).toEqual(CONTENT);
				expect(readdirSync(folder)).toEqual(["model.onnx"]);
			}),
			{ numRuns: 25 },
		);
	});

	test("is asked for from there on", async () => {
		expect(await brokenOff(100_000)).toContain("broke off after 100000 bytes");
		answer = whole;
		await get();
		expect(sent.at(-1)?.range).toBe("bytes=100000-");
	});

	test("begins anew where the server knows no parts, and where too much is here", async () => {
		const part = `${file}.${SHA256.slice(0, 16)}.part`;
		writeFileSync(part, CONTENT.subarray(0, 1_000));
		answer = () => tagged(CONTENT);
		expect(await get()).toBe(SHA256);
		rmSync(file);
		writeFileSync(part, Buffer.concat([CONTENT, CONTENT]));
		answer = whole;
		expect(await get()).toBe(SHA256);
		expect(readFileSync(file)).toEqual(CONTENT);
	});

	test("of another file is not gone on with", async () => {
		writeFileSync(`${file}.0123456789abcdef.part`, "of another file");
		answer = whole;
		expect(await get()).toBe(SHA256);
		expect(sent.every(({ range }) => range === null)).toBe(true);
		expect(readdirSync(folder)).toEqual(["model.onnx"]);
	});
});

test("whoever does not want it any more ends it", async () => {
	const stopping = new AbortController();
	const begun = Promise.withResolvers<void>();
	answer = () =>
		tagged(
			new ReadableStream({
				pull(controller) {
					controller.enqueue(new Uint8Array(1_000));
					begun.resolve();
					return new Promise(() => undefined);
				},
			}),
		);
	const problem = problemOf(get({ signal: stopping.signal }));
	await begun.promise;
	stopping.abort(new Error("the daemon was stopped"));
	expect(await problem).toMatch(/stopped|aborted/);
});

test.each([
	["before it answers", () => new Promise<Response>(() => undefined)],
	[
		"in the midst",
		() => tagged(new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array(1_000)) })),
	],
])("a server that falls silent %s is given up after a minute", async (when, respond) => {
	answer = respond;
	const { timers, advance } = seededWorld();
	const url = `http://127.0.0.1:${server.port}/file`;
	let received = 0;
	const onProgress = (bytes: number) => {
		received = bytes;
	};
	const problem = problemOf(
		download({ network: realWorld.network, timers }, { url, file, digest: undefined, maxBytes: 10_000, onProgress }),
	);
	while (sent.length === 0 || (when === "in the midst" && received === 0)) await realWorld.timers.yield();
	await realWorld.timers.yield();
	await advance(60_000);
	expect(await problem).toContain("nothing came for 60 s");
});

test("a server elsewhere sends us only to servers that prove who they are", async () => {
	const asked: string[] = [];
	const ask = (location: string) =>
		fetchFile(
			seededWorld({
				download: async (url) => {
					asked.push(url);
					const isFirst = url.startsWith("https://hub.example");
					return {
						status: isFirst ? 302 : 200,
						header: (name) => (isFirst && name === "location" ? location : undefined),
						body: new Blob().stream(),
					};
				},
			}),
			"https://hub.example/file",
			{ fromByte: 0, signal: new AbortController().signal },
		);
	for (const location of [
		"http://cdn.example/file",
		"http://127.0.0.1/file",
		"https://127.0.0.1/file",
		"https://localhost/file",
		"https://10.0.0.1/file",
		"file:///etc/passwd",
	]) {
		expect(await problemOf(ask(location))).toMatch(/which is not https|is not asked/);
	}
	expect(asked.every((url) => url === "https://hub.example/file")).toBe(true);
	expect(await problemOf(ask("https://cdn.example/file"))).toBe("none");
});
