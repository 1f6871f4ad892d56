import { describe, expect, test } from "bun:test";
import { RequestError } from "@signet/core";
import { exportSecrets, importSecrets } from "./bundle.ts";
import { CHEAP, machineOf, temporaryVault } from "./testing/index.ts";

const PASSPHRASE = "correct horse battery";

async function refusalOf(work: Promise<unknown>): Promise<string> {
	try {
		await work;
	} catch (error) {
		if (error instanceof RequestError && error.status === 400) return error.message;
		throw error;
	}
	throw new Error("it was not refused");
}

/** A vault with two secrets, and its export. */
async function exported() {
	const vault = temporaryVault("here");
	const store = vault.open();
	await store.put("A", "value of a");
	await store.put("__proto__", "žluťoučký kůň 🐴\n");
	await store.changeSealedText("policies", () => '{"A":"ask"}');
	return { vault, ...(await exportSecrets(store, PASSPHRASE, CHEAP)) };
}

test("secrets come to another machine with their times, and what is said of them", async () => {
	const { vault, text, count, left } = await exported();
	using _ = vault;
	expect({ count, left }).toEqual({ count: 2, left: [] });
	expect(text).not.toContain("value of a");
	expect(text).not.toContain("__proto__");
	using other = temporaryVault("there");
	const store = other.open();
	expect(await importSecrets(store, text, PASSPHRASE)).toEqual({ added: ["A", "__proto__"], replaced: [], kept: [] });
	expect(await other.open().values()).toEqual(
		new Map([
			["A", "value of a"],
			["__proto__", "žluťoučký kůň 🐴\n"],
		]),
	);
	expect(await store.sealedText("policies")).toBe('{"A":"ask"}');
	const [from, to] = [vault, other].map((each) => JSON.parse(each.text()).secrets.A);
	expect([to.created, to.updated]).toEqual([from.created, from.updated]);
});

test("a name that is taken keeps its value, unless it is to be replaced", async () => {
	const { vault, text } = await exported();
	using _ = vault;
	using other = temporaryVault();
	const store = other.open();
	await store.put("A", "own");
	expect(await importSecrets(store, text, PASSPHRASE)).toEqual({ added: ["__proto__"], replaced: [], kept: ["A"] });
	expect(await store.resolve("A")).toBe("own");
	const again = await importSecrets(store, text, PASSPHRASE, { isReplacing: true });
	expect(again).toEqual({ added: [], replaced: ["A", "__proto__"], kept: [] });
	expect(await store.resolve("A")).toBe("value of a");
});

describe("a file that is not as it was written", () => {
	test("is refused, whatever in it was changed", async () => {
		const { vault, text } = await exported();
		using _ = vault;
		using other = temporaryVault();
		const bundle = JSON.parse(text);
		const flipped = Buffer.from(bundle.sealed, "base64");
		flipped[5] = (flipped[5] ?? 0) ^ 1;
		const salt = Buffer.alloc(16, 7).toString("base64");
		for (const changed of [
			{ ...bundle, sealed: flipped.toString("base64") },
			{ ...bundle, sealed: bundle.sealed.slice(0, -8) },
			{ ...bundle, passes: bundle.passes + 1 },
			{ ...bundle, salt },
			{ ...bundle, nonce: Buffer.alloc(24).toString("base64") },
		]) {
			expect(await refusalOf(importSecrets(other.open(), JSON.stringify(changed), PASSPHRASE))).toContain("damaged");
		}
		expect(await refusalOf(importSecrets(other.open(), text, "another passphrase"))).toContain("not the passphrase");
		for (const changed of ["", "[]", "{}", text.slice(0, -20), JSON.stringify({ ...bundle, version: 2 })]) {
			expect(await refusalOf(importSecrets(other.open(), changed, PASSPHRASE))).toContain("no export of secrets");
		}
		for (const changed of [{ memoryKiB: 1e9 }, { passes: 1e6 }]) {
			const text = JSON.stringify({ ...bundle, ...changed });
			expect(await refusalOf(importSecrets(other.open(), text, PASSPHRASE))).toContain("no export of secrets");
		}
		expect(await other.open().list()).toEqual([]);
	});
});

test("what cannot be opened is said, and is not in it; a short passphrase is refused", async () => {
	using vault = temporaryVault("here");
	await vault.open({ machine: machineOf("elsewhere") }).put("LOST", "lost");
	vault.write("", ".machine-id");
	const store = vault.open();
	await store.put("A", "a");
	expect(await exportSecrets(store, PASSPHRASE, CHEAP)).toMatchObject({ count: 1, left: ["LOST"] });
	expect(await refusalOf(exportSecrets(store, "short", CHEAP))).toContain("8 characters");
});
