import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { chromiumFile, launchChromium } from "./browser/chromium.ts";
import { PLANTED, type Target, targetsOf } from "./browser/targets.ts";
import { Home } from "./home.ts";

const TIMEOUT_MS = 240_000;
const TREASURE = "the treasure lies under the oak";
const PORT_OF_DASHBOARD = 5173;

if (!chromiumFile) console.log("There is no chromium here: what a page can do to the daemon is not tried");

interface Found {
	readonly way: string;
	readonly path: string;
	readonly status: number;
	readonly text: string;
}

describe.if(chromiumFile !== undefined)("in a real browser", () => {
	let home: Home;
	let url: string;
	let browser: Browser;
	let targets: Target[];
	let evil: Bun.Server<undefined>;

	// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape.
	const program = async (method: string, path: string, body?: unknown): Promise<any> => {
		const response = await fetch(url + path, { method, ...(body !== undefined && { body: JSON.stringify(body) }) });
		return response.json();
	};

	/** All that a page could have changed. */
	async function state() {
		const kinds = ["memory", "event", "entity", "relation", "mention"];
		return {
			exports: await Promise.all(kinds.map((kind) => program("GET", `/api/export/${kind}?limit=1000`))),
			imports: await program("GET", "/api/imports"),
			configuration: readFileSync(join(home.paths.root, "agent.yaml"), "utf8"),
			files: readdirSync(home.paths.root).sort(),
		};
	}

	beforeAll(async () => {
		home = new Home();
		home.write({ ".agents/agent.yaml": "embedding:\n  provider: embedded\nupdates:\n  auto_install: false\n" });
		({ url } = await home.serve());
		const { id: memory } = await program("POST", "/api/memory/remember", { content: TREASURE });
		const { id } = await program("POST", "/api/imports", { source: "notes", format: "jsonl" });
		targets = targetsOf(await program("GET", "/openapi.json"), { memory, import: id });
		const script = readFileSync(join(import.meta.dir, "browser", "attack.js"), "utf8");
		evil = Bun.serve({
			hostname: "127.0.0.1",
			port: 0,
			fetch({ url: asked }) {
				const isSandboxed = new URL(asked).pathname === "/sandboxed";
				const headers = { "content-type": "text/html", "content-security-policy": "sandbox allow-scripts allow-forms" };
				const page = `<!doctype html><body><script>${script}</script>`;
				return new Response(page, { headers: isSandboxed ? headers : { "content-type": "text/html" } });
			},
		});
		browser = await launchChromium();
	}, TIMEOUT_MS);

	afterAll(async () => {
		await browser?.close();
		await evil?.stop(true);
		await home?.[Symbol.asyncDispose]();
	});

	/** A page, and the statuses of all that the daemon answered to it. */
	async function opened(at: string, isServedByUs = true): Promise<{ page: Page; statuses: Map<string, number[]> }> {
		const page = await browser.newPage();
		const statuses = new Map<string, number[]>();
		const { port } = new URL(url);
		if (!isServedByUs) {
			// The attacker's server had this name until a moment ago: its page is here, and the name is this machine's now.
			const answer = await fetch(`http://127.0.0.1:${evil.port}/`);
			const body = await answer.text();
			await page.route(at, (route) => route.fulfill({ status: 200, contentType: "text/html", body }));
		}
		page.on("response", (response) => {
			const asked = new URL(response.url());
			if (asked.port !== port || response.url() === at) return;
			statuses.set(asked.pathname, [...(statuses.get(asked.pathname) ?? []), response.status()]);
		});
		await page.goto(at);
		return { page, statuses };
	}

	const attack = (page: Page, base: string): Promise<Found[]> =>
		page.evaluate(`attack(${JSON.stringify(targets)}, ${JSON.stringify(base)})`);

	test.each([
		["of another site", () => `http://evil.test:${evil.port}/`, () => url, true],
		["of another port of this machine", () => `http://127.0.0.1:${evil.port}/`, () => url, true],
		["that is sandboxed", () => `http://evil.test:${evil.port}/sandboxed`, () => url, true],
		["whose name was bent to this machine", () => `http://rebound.test:${new URL(url).port}/`, () => "", false],
	])(
		"a page %s gets nothing from any route, and changes nothing",
		async (_, at, base, isServedByUs) => {
			const before = await state();
			const { page, statuses } = await opened(at(), isServedByUs);
			const found = await attack(page, base());
			await page.close();

			expect(found.filter(({ text }) => text.includes("treasure") || text.includes(home.folder))).toEqual([]);
			expect(found.filter(({ status }) => status !== 403 && status !== 0)).toEqual([]);
			// Of another origin not even the refusal can be read.
			if (isServedByUs) expect(found.filter(({ text }) => text !== "")).toEqual([]);
			expect([...statuses.values()].flat().filter((status) => status !== 403)).toEqual([]);
			expect(statuses.size).toBeGreaterThan(30);
			expect(await state()).toEqual(before);
			expect(JSON.stringify(before)).not.toContain(PLANTED);
		},
		TIMEOUT_MS,
	);

	test(
		"a link leads to the page that says nothing, and to nothing else",
		async () => {
			const reading = targets.filter(({ method }) => method === "GET").map(({ path }) => path);
			const { page } = await opened(`http://evil.test:${evil.port}/`);
			for (const path of ["/", ...reading]) {
				await page.goto(`http://evil.test:${evil.port}/`);
				const answer = page.waitForResponse((response) => response.url() === url + path);
				await page.evaluate(`location.href = ${JSON.stringify(url + path)}`);
				expect({ path, status: (await answer).status() }).toEqual({ path, status: path === "/" ? 200 : 403 });
				await page.waitForURL(url + path);
				expect(await page.content()).not.toContain(TREASURE);
			}
			await page.close();
		},
		TIMEOUT_MS,
	);

	test(
		"the page is framed by nobody",
		async () => {
			const { page } = await opened(`http://evil.test:${evil.port}/`);
			const answer = page.waitForResponse((response) => response.url() === `${url}/`);
			await page.evaluate(
				`document.body.append(Object.assign(document.createElement("iframe"), { src: ${JSON.stringify(`${url}/`)} }))`,
			);
			expect((await answer).status()).toBe(403);
			await page.close();
		},
		TIMEOUT_MS,
	);

	test(
		"the same requests get in from the dashboard, so that it is the door that keeps the others out",
		async () => {
			const { page } = await opened(`http://localhost:${PORT_OF_DASHBOARD}/`, false);
			const some = targets.filter(({ path }) => /^\/api\/(?:memories|memory\/remember)\?/.test(path));
			const found: Found[] = await page.evaluate(`attack(${JSON.stringify(some)}, ${JSON.stringify(url)})`);
			await page.close();
			expect(found.filter(({ text }) => text.includes(TREASURE)).map(({ way }) => way)).toEqual(["fetch cors", "xhr"]);
			expect(JSON.stringify(await state())).toContain(PLANTED);
		},
		TIMEOUT_MS,
	);
});
