import { afterEach, expect, test } from "bun:test";
import { join } from "node:path";
import * as z from "zod/mini";
import { Home, until } from "./home.ts";
import { program } from "./program.ts";

const TIMEOUT_MS = 60_000;
const ROWS = 700;

const undoBody = z.object({ limit: z.number() });
const IMPORT = { source: "x", format: "jsonl", startedAt: "2026-01-01T00:00:00Z", completedAt: null, undoneAt: null };

/** A daemon that knows one import, and takes it back when it is let. */
class SlowDaemon {
	readonly limits: number[] = [];
	remaining = ROWS;
	readonly #server: Bun.Server<undefined>;
	#letGo: (() => void) | undefined;
	readonly #isLet = new Promise<void>((resolve) => {
		this.#letGo = resolve;
	});

	constructor() {
		this.#server = Bun.serve({
			port: 0,
			fetch: async (request) => {
				if (request.method === "GET") return Response.json({ imports: [{ ...IMPORT, id: "i-1", isEmpty: false }] });
				const { limit } = undoBody.parse(await request.json());
				await this.#isLet;
				this.limits.push(limit);
				const undone = Math.min(limit, this.remaining);
				this.remaining -= undone;
				return Response.json({ undone, left: 0, remaining: this.remaining });
			},
		});
	}

	get url(): string {
		return this.#server.url.href;
	}

	letGo(): void {
		this.#letGo?.();
	}

	stop(): Promise<void> {
		return this.#server.stop(true);
	}
}

const open: (() => unknown)[] = [];
afterEach(async () => {
	for (const close of open.splice(0)) await close();
});

test(
	"that an import is taken back is shown before the first part of it has returned",
	async () => {
		const daemon = new SlowDaemon();
		open.push(() => daemon.stop());
		let shown = "";
		const child = Bun.spawn([...program, "import", "--undo", "i-1", "--yes", "--url", daemon.url], {
			env: { PATH: "", HOME: "/nowhere", TERM: "xterm" },
			terminal: {
				cols: 100,
				rows: 20,
				data(_terminal, bytes) {
					shown += Buffer.from(bytes).toString();
				},
			},
		});
		open.push(() => child.kill());
		await until(() => (shown.includes("undoing") ? true : undefined));
		expect(daemon.limits).toEqual([]);
		daemon.letGo();
		expect(await child.exited).toBe(0);
		await until(() => (shown.includes("taken back") ? true : undefined));
		expect(shown).toContain(`${ROWS} rows taken back`);
		expect(daemon.remaining).toBe(0);
		// The first answer says how many there are, and comes soon.
		expect(daemon.limits[0]).toBeLessThanOrEqual(20);
		expect(Math.max(...daemon.limits)).toBeLessThanOrEqual(500);
	},
	TIMEOUT_MS,
);

test(
	"an import of many rows is taken back as a whole, in parts",
	async () => {
		await using home = new Home();
		await home.serve();
		const lines = Array.from({ length: ROWS }, (_, at) => JSON.stringify({ content: `Row ${at} of many` }));
		home.write({ "many.jsonl": lines.join("\n") });
		const { id } = await home.json("import", join(home.folder, "many.jsonl"));
		expect((await home.json("stats")).total).toBe(ROWS);
		expect(await home.json("import", "--undo", id, "--yes")).toEqual({ id, undone: ROWS, left: 0 });
		expect((await home.json("stats")).total).toBe(0);
	},
	TIMEOUT_MS,
);
