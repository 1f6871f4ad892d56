import { expect, test } from "bun:test";
import { Home } from "./home.ts";

/** Longer on demand: `CONCURRENCY_STEPS=5000 bun test tests/src/concurrency.test.ts`. */
const STEPS = Number(process.env.CONCURRENCY_STEPS ?? 120);
const CLIENTS = 8;
/** Memories that all clients change at the same time. */
const SHARED = 4;
const reason = "concurrency test";

/** A memory of one client, which alone changes it. */
interface Own {
	readonly id: string;
	content: string;
	version: number;
	isForgotten: boolean;
}

interface Answer {
	readonly status: number;
	// biome-ignore lint/suspicious/noExplicitAny: answers of every shape are looked into.
	readonly body: any;
}

test(
	"eight clients at a time: each reads what it wrote, no update is lost, nothing forgotten comes back",
	async () => {
		await using home = new Home();
		const { url } = await home.serve();
		const send = async (method: string, path: string, body?: object): Promise<Answer> => {
			const response = await fetch(url + path, { method, ...(body && { body: JSON.stringify(body) }) });
			return { status: response.status, body: await response.json() };
		};
		const shared: string[] = [];
		for (let n = 0; n < SHARED; n++) {
			shared.push((await send("POST", "/api/memory/remember", { content: `Counter ${n}: 0` })).body.id);
		}
		const increments = new Map(shared.map((id) => [id, 0]));

		/** Count one up, as often as it takes. */
		async function increment(id: string): Promise<void> {
			for (;;) {
				const { body: memory } = await send("GET", `/api/memory/${id}`);
				const [name, count] = memory.content.split(": ");
				const content = `${name}: ${Number(count) + 1}`;
				const { status } = await send("PATCH", `/api/memory/${id}`, { reason, content, if_version: memory.version });
				if (status === 200) break;
				expect(status).toBe(409);
			}
			increments.set(id, (increments.get(id) ?? 0) + 1);
		}

		async function expectAsWritten({ id, content, version, isForgotten }: Own): Promise<void> {
			const { status, body } = await send("GET", `/api/memory/${id}`);
			if (isForgotten) expect([id, status]).toEqual([id, 404]);
			else expect(body).toMatchObject({ id, content, version });
			const query = encodeURIComponent(content);
			const { body: found } = await send("GET", `/api/memory/search?q=${query}&limit=3`);
			const isFound = found.results.some((result: { id: string }) => result.id === id);
			expect([content, isFound]).toEqual([content, !isForgotten]);
		}

		async function client(name: number): Promise<void> {
			const random = seeded(name + 1);
			const own: Own[] = [];
			for (let step = 0; step < STEPS; step++) {
				const memory = own[Math.floor(random() * own.length)];
				const dice = random();
				if (!memory || dice < 0.3) {
					const content = `Client ${name} wrote note number ${step} of the xq${name}x${step} series`;
					const { body } = await send("POST", "/api/memory/remember", { content });
					own.push({ id: body.id, content, version: 1, isForgotten: false });
				} else if (dice < 0.5) {
					await increment(shared[Math.floor(random() * SHARED)] ?? "");
				} else if (dice < 0.7 && !memory.isForgotten) {
					const content = `${memory.content} again`;
					const { body } = await send("PATCH", `/api/memory/${memory.id}`, {
						reason,
						content,
						if_version: memory.version,
					});
					expect(body).toMatchObject({ status: "updated", newVersion: memory.version + 1 });
					Object.assign(memory, { content, version: memory.version + 1 });
				} else {
					const [method, path] = memory.isForgotten ? ["POST", "/recover"] : ["DELETE", ""];
					const { body } = await send(method ?? "", `/api/memory/${memory.id}${path}`, { reason });
					expect(body).toMatchObject({ success: true, newVersion: memory.version + 1 });
					Object.assign(memory, { version: memory.version + 1, isForgotten: !memory.isForgotten });
				}
				const looked = own[Math.floor(random() * own.length)];
				if (looked) await expectAsWritten(looked);
			}
			for (const memory of own) await expectAsWritten(memory);
		}

		await Promise.all(Array.from({ length: CLIENTS }, (_, name) => client(name)));
		for (const [n, id] of shared.entries()) {
			const { body } = await send("GET", `/api/memory/${id}`);
			expect(body).toMatchObject({
				content: `Counter ${n}: ${increments.get(id)}`,
				version: 1 + (increments.get(id) ?? 0),
			});
		}
	},
	60_000 + STEPS * 500,
);

/** Mulberry32. */
function seeded(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
	};
}
