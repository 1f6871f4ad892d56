import { afterEach, beforeEach, expect, test } from "bun:test";
import {
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	utimesSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { realWorld } from "@signet/core/world";
import { type TemporaryDaemon, temporaryDaemon } from "../testing/temporary-daemon.ts";

const reason = "because";
const TIMEOUT_MS = 30_000;
let home: string;
beforeEach(() => {
	home = mkdtempSync(join(tmpdir(), "signet-home-"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** Write a file in the home folder, long enough ago to be whole. */
function write(name: string, text: string): string {
	const path = join(home, name);
	mkdirSync(dirname(path), { recursive: true });
	writeFileSync(path, text);
	utimesSync(path, 1_000_000, 1_000_000 + text.length);
	return path;
}

const start = () => temporaryDaemon(undefined, { root: join(home, ".agents"), env: { HOME: home } });

async function contents({ send }: TemporaryDaemon): Promise<string[]> {
	const { json } = await send("GET", "/api/memories?limit=1000");
	return json.memories.map(({ content }: { content: string }) => content).sort();
}

/** Wait until exactly these are remembered. */
async function settled(daemon: TemporaryDaemon, expected: readonly string[]): Promise<void> {
	for (let tries = 0; tries < 600; tries++) {
		if (Bun.deepEquals(await contents(daemon), expected)) return;
		await realWorld.timers.sleep(20);
	}
	expect(await contents(daemon)).toEqual([...expected]);
}

async function idOf({ send }: TemporaryDaemon, content: string): Promise<string> {
	const { json } = await send("GET", "/api/memories?limit=1000");
	return json.memories.find((memory: { content: string }) => memory.content === content).id;
}

test(
	"the daemon follows files while it runs: new, changed, renamed, removed, and those of projects",
	async () => {
		write(".agents/memory/day.md", "# One\n\nfirst\n");
		write(".claude/projects/-home-ana-shop/memory/MEMORY.md", "# Shop\n\nPrices are in cents.\n");
		await using daemon = await start();
		await settled(daemon, ["# One first", "# Shop Prices are in cents."]);
		write(".agents/memory/new.md", "# New\n\nnote\n");
		await settled(daemon, ["# New note", "# One first", "# Shop Prices are in cents."]);
		write(".agents/memory/day.md", "# One\n\nfirst, and more\n");
		renameSync(join(home, ".agents/memory/new.md"), join(home, ".agents/memory/newer.md"));
		await settled(daemon, ["# New note", "# One first, and more", "# Shop Prices are in cents."]);
		rmSync(join(home, ".agents/memory/day.md"));
		await settled(daemon, ["# New note", "# Shop Prices are in cents."]);
	},
	TIMEOUT_MS,
);

test(
	"what was forgotten or erased comes back by no file, touched, copied or read again after a restart",
	async () => {
		const token = "xylophonquartz";
		write(".agents/memory/day.md", `# One\n\nfirst\n\n# Two\n\nthe ${token}\n`);
		const first = await start();
		await settled(first, ["# One first", `# Two the ${token}`]);
		await first.send("DELETE", `/api/memory/${await idOf(first, "# One first")}`, { reason });
		await first.send("POST", `/api/memory/${await idOf(first, `# Two the ${token}`)}/erase`, { reason });
		await first.daemon.stop();
		await using second = await start();
		write(".agents/memory/day.md", `# One\n\nfirst\n\n# Two\n\nthe ${token}\n\n# Three\n\nthird\n`);
		write(".agents/memory/copy.md", `# Two\n\nthe ${token}\n\n# One\n\nfirst\n\n# Four\n\nfourth\n`);
		await settled(second, ["# Four fourth", "# Three third"]);
		expect((await second.send("POST", "/api/memory/recall", { query: token })).json.results).toEqual([]);
		await second.daemon.stop();
		const folder = join(home, ".agents", "memory");
		for (const name of readdirSync(folder).filter((each) => !each.endsWith(".md"))) {
			expect(readFileSync(join(folder, name), "latin1")).not.toContain(token);
		}
	},
	TIMEOUT_MS,
);

test(
	"five hundred files keep nobody waiting, and the daemon stops in the middle of them",
	async () => {
		const names = Array.from({ length: 500 }, (_, n) => String(n).padStart(3, "0"));
		for (const name of names) write(`.agents/memory/${name}.md`, `# File ${name}\n\nIt says ${name}.\n`);
		const first = await start();
		expect((await first.send("GET", "/health")).status).toBe(200);
		expect((await contents(first)).length).toBeLessThan(names.length);
		const { id } = (await first.send("POST", "/api/memory/remember", { content: "In between" })).json;
		await first.daemon.stop();
		await using second = await start();
		await settled(second, [...names.map((name) => `# File ${name} It says ${name}.`), "In between"]);
		expect((await second.send("GET", `/api/memory/${id}`)).json.content).toBe("In between");
	},
	TIMEOUT_MS,
);
