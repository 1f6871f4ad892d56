import { expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { temporaryVault } from "./testing/index.ts";

/** Rounds of the long mode: `CRASH_ROUNDS=200 bun test packages/secrets`. */
const ROUNDS = Number(process.env.CRASH_ROUNDS ?? 12);
const EACH = 40;
const TIMEOUT_MS = 30_000 + ROUNDS * 2_000;
const IDENTITY = "the machine of both";

function writer(folder: string, prefix: string, count: number) {
	const file = join(import.meta.dir, "testing", "writer.ts");
	return Bun.spawn([process.execPath, file, folder, prefix, String(count)], { stdout: "pipe", stderr: "inherit" });
}

const expectedValue = (name: string) => {
	const [prefix = "", n = ""] = name.split("_");
	return `value ${n} of ${prefix} ${"x".repeat(Number(n) % 500)}`;
};

test(
	"three processes that store at the same time lose nothing of each other's",
	async () => {
		using vault = temporaryVault(IDENTITY);
		const writers = ["one", "two"].map((prefix) => writer(vault.folder, prefix, EACH));
		const store = vault.open();
		await Promise.all(Array.from({ length: EACH }, (_, n) => store.put(`own_${n}`, expectedValue(`own_${n}`))));
		for (const { exited } of writers) expect(await exited).toBe(0);
		const values = await vault.open().values();
		expect(values.size).toBe(3 * EACH);
		for (const [name, value] of values) expect([name, value]).toEqual([name, expectedValue(name)]);
		expect(vault.text("secrets.enc.bak")).toBe(vault.text());
	},
	TIMEOUT_MS,
);

test.each([
	["before the new store takes the place of the old one", 1, "before", "before"],
	["before the copy of it does", 2, "after", "before"],
])(
	"kill -9 %s: the old one is there, or the new one",
	async (_, nth, stored, copied) => {
		using vault = temporaryVault(IDENTITY);
		await vault.open().put("A", "before");
		const file = join(import.meta.dir, "testing", "killed-writer.ts");
		const child = Bun.spawn([process.execPath, file, vault.folder, String(nth)], { stderr: "inherit" });
		await child.exited;
		expect(child.signalCode).toBe("SIGKILL");
		expect(readdirSync(vault.folder).filter((name) => name.endsWith(".tmp"))).toHaveLength(1);
		expect(await vault.open().resolve("A")).toBe(stored);
		vault.write(vault.text("secrets.enc.bak"));
		expect(await vault.open().resolve("A")).toBe(copied);
		await vault.open().put("A", "again");
		expect(await vault.open().resolve("A")).toBe("again");
		expect(readdirSync(vault.folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);
	},
	TIMEOUT_MS,
);

test(
	`kill -9 in the midst of storing, ${ROUNDS} times: what was acknowledged is there, and the store is whole`,
	async () => {
		using vault = temporaryVault(IDENTITY);
		const acknowledged: string[] = [];
		for (let round = 0; round < ROUNDS; round++) {
			const child = writer(vault.folder, `r${round}`, 10_000);
			const deadline = 1 + ((round * 7) % 23);
			let seen = 0;
			let rest = "";
			for await (const part of child.stdout) {
				const lines = (rest + Buffer.from(part).toString()).split("\n");
				rest = lines.pop() ?? "";
				acknowledged.push(...lines);
				seen += lines.length;
				// At whatever point of the next one it is.
				if (seen >= deadline) child.kill("SIGKILL");
			}
			await child.exited;
			const store = vault.open();
			const names = new Set(await store.list());
			expect(acknowledged.filter((name) => !names.has(name))).toEqual([]);
		}
		expect(acknowledged.length).toBeGreaterThanOrEqual(ROUNDS);
		const store = vault.open();
		for (const [name, value] of await store.values()) expect([name, value]).toEqual([name, expectedValue(name)]);
		await store.put("LAST", "last");
		expect(readdirSync(vault.folder).sort()).toEqual([".lock", ".machine-id", "secrets.enc", "secrets.enc.bak"]);
	},
	TIMEOUT_MS,
);
