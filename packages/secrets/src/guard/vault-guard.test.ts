import { expect, test } from "bun:test";
import { seededWorld } from "@signet/core/testing";
import fc from "fast-check";
import { MemoryVault } from "../testing/index.ts";
import { VaultGuard } from "./index.ts";

const world = seededWorld();

function guardOf(vault: MemoryVault, problems: string[] = []): VaultGuard {
	return new VaultGuard({ vault, world, onProblem: (problem) => problems.push(problem) });
}

test("values become their names, in whatever encoding they stand there", async () => {
	const vault = new MemoryVault({ STRIPE_KEY: "sk_live_51Hxyz0000000", DB: "correct horse battery" });
	const cleaner = await guardOf(vault).ready();
	expect(cleaner.clean("The key is sk_live_51Hxyz0000000, the rest is correct horse battery.")).toEqual({
		text: "The key is [secret:STRIPE_KEY], the rest is [secret:DB].",
		found: ["STRIPE_KEY", "DB"],
	});
	const encoded = Buffer.from("user:sk_live_51Hxyz0000000").toString("base64");
	expect(cleaner.clean(`curl -H 'Authorization: Basic ${encoded}'`).found).toEqual(["STRIPE_KEY"]);
	expect(cleaner.clean("nothing of the kind")).toEqual({ text: "nothing of the kind", found: [] });
});

test("an accent may stand within its letter or beside it", async () => {
	const value = "pässwört-für-łódź-77";
	for (const stored of ["NFC", "NFD"]) {
		const cleaner = await guardOf(new MemoryVault({ PASSWORD: value.normalize(stored) })).ready();
		for (const written of ["NFC", "NFD"]) {
			expect(cleaner.clean(`It is ${value.normalize(written)}.`).text).toBe("It is [secret:PASSWORD].");
		}
	}
});

test("what is too short, or an ordinary word, is left: it says something else in other texts", async () => {
	const vault = new MemoryVault({
		PIN: "4711",
		DB_USER: "postgres",
		STAGE: "Production",
		REGION: "EUROPE",
		WORD: "internationalisation-of-it",
	});
	const text = "Postgres and postgres on port 4711, in Production and EUROPE";
	expect((await guardOf(vault).ready()).clean(text)).toEqual({ text, found: [] });
	expect((await guardOf(vault).ready()).clean("x internationalisation-of-it").found).toEqual(["WORD"]);
});

test("of a file of settings its telling lines and their values are found, and no others", async () => {
	const vault = new MemoryVault({ ENV: "NODE_ENV=production\nAPI_TOKEN=tok_8f3a91c2d4e5\n" });
	const cleaner = await guardOf(vault).ready();
	expect(cleaner.clean("NODE_ENV=production is set").found).toEqual([]);
	expect(cleaner.clean("the token tok_8f3a91c2d4e5 works").text).toBe("the token [secret:ENV] works");
});

test("changes of the vault hold for the next text", async () => {
	const vault = new MemoryVault();
	const guard = guardOf(vault);
	expect((await guard.ready()).clean("a-new-value-77").found).toEqual([]);
	vault.put("NEW", "a-new-value-77");
	expect((await guard.ready()).clean("a-new-value-77").text).toBe("[secret:NEW]");
	expect(guard.clean("a-new-value-77").text).toBe("[secret:NEW]");
	vault.delete("NEW");
	expect((await guard.ready()).clean("a-new-value-77").found).toEqual([]);
});

test("values are read when they are needed, once for all who wait", async () => {
	const vault = new MemoryVault({ KEY: "a-value-to-be-read-77" });
	let reads = 0;
	const counting = {
		values() {
			reads++;
			return vault.values();
		},
		changeCount: () => vault.changeCount(),
	};
	const guard = new VaultGuard({ vault: counting, world, onProblem: () => undefined });
	expect(guard.clean("a-value-to-be-read-77").found).toEqual([]);
	expect(reads).toBe(0);
	await Promise.all([guard.ready(), guard.ready(), guard.ready()]);
	await guard.ready();
	expect(reads).toBe(1);
});

test("a vault that cannot be read holds nothing up, is told of once, and what was known still is", async () => {
	const vault = new MemoryVault({ KEY: "a-value-to-be-read-77" });
	let isLocked = false;
	const locking = {
		values: () => (isLocked ? Promise.reject(new Error("the vault is locked")) : vault.values()),
		changeCount: () => vault.changeCount(),
	};
	const problems: string[] = [];
	const guard = new VaultGuard({ vault: locking, world, onProblem: (problem) => problems.push(problem) });
	await guard.ready();
	vault.put("OTHER", "another-value-88");
	isLocked = true;
	for (let at = 0; at < 3; at++) {
		expect((await guard.ready()).clean("a-value-to-be-read-77 another-value-88").found).toEqual(["KEY"]);
	}
	expect(problems).toEqual(["the vault is locked"]);
	isLocked = false;
	expect((await guard.ready()).clean("another-value-88").found).toEqual(["OTHER"]);
});

test("no value of many stays in a text, and nothing else changes", async () => {
	const values = Array.from({ length: 100 }, (_, at) =>
		Buffer.from(world.random.bytes(24)).toString(at % 2 === 0 ? "hex" : "base64url"),
	);
	const cleaner = await guardOf(
		new MemoryVault(Object.fromEntries(values.map((value, at) => [`S${at}`, value]))),
	).ready();
	const said = fc.array(fc.oneof(fc.nat({ max: 99 }), fc.string({ unit: "grapheme", maxLength: 200 })), {
		maxLength: 12,
	});
	fc.assert(
		fc.property(said, (parts) => {
			const text = parts.map((part) => (typeof part === "number" ? values[part] : part)).join(" ");
			const expected = parts.map((part) => (typeof part === "number" ? `[secret:S${part}]` : part)).join(" ");
			expect(cleaner.clean(text).text).toBe(expected);
		}),
		{ numRuns: 300 },
	);
});
