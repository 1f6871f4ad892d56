import { expect, test } from "bun:test";
import { type TemporaryDaemon, temporaryDaemon } from "../testing/temporary-daemon.ts";

/** Ask until the map is made. */
async function mapOf({ send }: TemporaryDaemon, path = "/api/embeddings/projection") {
	const deadline = performance.now() + 20_000;
	for (;;) {
		const { status, json } = await send("GET", path);
		if (json.status === "ready") return json;
		expect([status, json.status]).toEqual([202, "computing"]);
		if (performance.now() > deadline) throw new Error("the map was not made");
		await Bun.sleep(20);
	}
}

test("the map shows memories as they are now, and is made anew for others", async () => {
	await using daemon = await temporaryDaemon();
	const { send } = daemon;
	const ids: string[] = [];
	for (let n = 0; n < 12; n++) {
		const { json } = await send("POST", "/api/memory/remember", {
			content: `The ferry number ${n} is red`,
			who: "ana",
		});
		ids.push(json.id);
	}
	const first = await mapOf(daemon);
	expect(first).toMatchObject({ count: 12, total: 12, limit: 12, offset: 0, hasMore: false, dimensions: 2 });
	expect(first.nodes.map(({ id }: { id: string }) => id)).toEqual([...ids].reverse());
	// A change that leaves the text as it was is shown at once, in the same place.
	await send("PATCH", `/api/memory/${ids[3]}`, { reason: "r", importance: 0.1 });
	const second = await mapOf(daemon);
	const nodeOf = (map: typeof first, id = "") => map.nodes.find((node: { id: string }) => node.id === id);
	expect(nodeOf(second, ids[3])).toEqual({ ...nodeOf(first, ids[3]), importance: 0.1 });
	expect(second.cachedAt).toBe(first.cachedAt);
	await send("DELETE", `/api/memory/${ids[3]}`, { reason: "r" });
	const third = await mapOf(daemon);
	expect(third.count).toBe(11);
	expect(nodeOf(third, ids[3])).toBeUndefined();
	expect((await mapOf(daemon, "/api/embeddings/projection?dimensions=3")).nodes[0]).toHaveProperty("z");
	const page = await mapOf(daemon, "/api/embeddings/projection?limit=5&offset=8&who=ana");
	expect(page).toMatchObject({ count: 3, total: 11, limit: 5, offset: 8, hasMore: false });
	for (const [a, b] of page.edges) expect(a < b && b < 3).toBe(true);
});

test("whoever waits for the map gets it, even if memories keep coming", async () => {
	await using daemon = await temporaryDaemon();
	const remember = (n: number) => daemon.send("POST", "/api/memory/remember", { content: `The ferry ${n} is red` });
	for (let n = 0; n < 5; n++) await remember(n);
	const deadline = performance.now() + 20_000;
	for (let n = 5; ; n++) {
		await remember(n);
		const { json } = await daemon.send("GET", "/api/embeddings/projection");
		if (json.status === "ready") {
			expect(json.count).toBeGreaterThanOrEqual(5);
			break;
		}
		expect(performance.now()).toBeLessThan(deadline);
	}
});

test("the same part of it is drawn once for all who ask at the same time, and no more than two at once", async () => {
	await using daemon = await temporaryDaemon();
	for (let n = 0; n < 30; n++) await daemon.send("POST", "/api/memory/remember", { content: `The ferry ${n} is red` });
	const { Worker: RealWorker } = globalThis;
	let begun = 0;
	let underWay = 0;
	let most = 0;
	globalThis.Worker = class extends RealWorker {
		constructor(...given: ConstructorParameters<typeof RealWorker>) {
			super(...given);
			begun++;
			most = Math.max(most, ++underWay);
		}
		override terminate() {
			underWay--;
			super.terminate();
		}
	};
	try {
		const paths = Array.from({ length: 12 }, (_, n) => `/api/embeddings/projection?limit=${20 + (n % 4)}`);
		const answers = await Promise.all(paths.map((path) => daemon.send("GET", path)));
		expect(answers.map(({ json }) => json.count)).toEqual(paths.map((_, n) => 20 + (n % 4)));
		expect([begun, most]).toEqual([4, 2]);
	} finally {
		globalThis.Worker = RealWorker;
	}
});
