import { describe, expect, test } from "bun:test";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { RequestError } from "@signet/core";
import { checkVault } from "./check.ts";
import type { Keychain, KeychainItem } from "./keychain.ts";
import { rekey } from "./rekey.ts";
import { CHEAP, machineOf, temporaryVault } from "./testing/index.ts";

const PASSPHRASE = "correct horse battery";
const byPassphrase = (passphrase = PASSPHRASE) => ({ source: "passphrase", passphrase, cost: CHEAP }) as const;
const known = (text: string) => ({ passphrase: async () => ({ text, from: "the test" }) });
const TIMEOUT_MS = 20_000;

async function codeOf(work: Promise<unknown>): Promise<string> {
	try {
		await work;
		return "done";
	} catch (error) {
		if (error instanceof RequestError) return error.code;
		throw error;
	}
}

/** A keychain in memory, that may be locked. */
function keychain(): Keychain & { readonly items: Map<string, string>; isLocked: boolean } {
	const items = new Map<string, string>();
	const nameOf = ({ service, account }: KeychainItem) => `${service}/${account}`;
	return {
		items,
		isLocked: false,
		async read(item) {
			return this.isLocked ? undefined : items.get(nameOf(item));
		},
		async write(item, text) {
			if (this.isLocked) throw new RequestError(503, "keychain_unavailable", "locked");
			items.set(nameOf(item), text);
		},
		async remove(item) {
			items.delete(nameOf(item));
		},
	};
}

describe("under the same key", () => {
	test("everything is sealed anew and bound, also what another key of the machine had sealed", async () => {
		using vault = temporaryVault("now");
		await vault.open({ machine: machineOf("before") }).put("OLD", "old");
		vault.write("now", ".machine-id");
		const store = vault.open({ machine: machineOf("before") });
		await store.put("NEW", "new");
		await store.changeSealedText("policies", () => "strict");
		const stored = JSON.parse(vault.text());
		stored.secrets.OLD.binding = undefined;
		vault.write(JSON.stringify(stored));
		expect(await checkVault(store)).toMatchObject({ otherKey: ["OLD"], unbound: ["OLD"] });
		expect(await rekey(store, { source: "same" })).toEqual({ source: "machine", sealed: 2, left: [] });
		expect(await checkVault(store)).toMatchObject({ otherKey: [], unbound: [], unopened: [] });
		expect(await store.sealedText("policies")).toBe("strict");
		const { OLD } = JSON.parse(vault.text()).secrets;
		expect({ created: OLD.created, updated: OLD.updated }).toEqual({
			created: stored.secrets.OLD.created,
			updated: stored.secrets.OLD.updated,
		});
		expect(OLD.ciphertext).not.toBe(stored.secrets.OLD.ciphertext);
	});

	test("what no key opens stays as it was", async () => {
		using vault = temporaryVault();
		await vault.open({ machine: machineOf("gone") }).put("LOST", "lost");
		vault.write("", ".machine-id");
		const { LOST } = JSON.parse(vault.text()).secrets;
		const store = vault.open();
		await store.put("A", "a");
		expect(await rekey(store, { source: "same" })).toMatchObject({ sealed: 1, left: ["LOST"] });
		expect(JSON.parse(vault.text()).secrets.LOST).toEqual(LOST);
	});
});

describe("a passphrase", () => {
	test(
		"locks the vault until it is said, and nothing else opens it",
		async () => {
			using vault = temporaryVault();
			const store = vault.open();
			await store.put("A", "a");
			await store.changeSealedText("policies", () => "strict");
			expect(await rekey(store, byPassphrase())).toEqual({ source: "passphrase", sealed: 1, left: [] });
			expect(await store.resolve("A")).toBe("a");
			expect(vault.text("secrets.enc.bak")).toBe(vault.text());

			const other = vault.open();
			expect(await other.list()).toEqual(["A"]);
			expect(await codeOf(other.resolve("A"))).toBe("secrets_locked");
			expect(await codeOf(other.values())).toBe("secrets_locked");
			expect(await codeOf(other.put("B", "b"))).toBe("secrets_locked");
			expect(await codeOf(other.sealedText("policies"))).toBe("secrets_locked");
			expect(await checkVault(other)).toMatchObject({ state: "locked", source: "passphrase", total: 1, unopened: [] });
			expect(await codeOf(rekey(other, { source: "machine" }))).toBe("secrets_locked");
			expect(await codeOf(other.unlock("another passphrase"))).toBe("wrong_passphrase");

			const before = other.changes;
			await other.unlock(PASSPHRASE);
			expect(other.changes).toBe(before + 1);
			expect(await other.resolve("A")).toBe("a");
			await other.put("B", "b");
			expect(await store.resolve("B")).toBe("b");
			expect(await other.sealedText("policies")).toBe("strict");
		},
		TIMEOUT_MS,
	);

	test(
		"may come from where the environment says; a wrong one is told and tried once",
		async () => {
			using vault = temporaryVault();
			await vault.open().put("A", "a");
			await rekey(vault.open(), byPassphrase());
			const file = join(vault.folder, "passphrase");
			writeFileSync(file, `${PASSPHRASE}\n`, { mode: 0o600 });
			const env = { SIGNET_SECRETS_PASSPHRASE_FILE: file };
			const reader = vault.open({ env });
			expect(await Promise.all([reader.resolve("A"), reader.resolve("A")])).toEqual(["a", "a"]);
			expect(await vault.open({ env: { SIGNET_SECRETS_PASSPHRASE: PASSPHRASE } }).resolve("A")).toBe("a");
			chmodSync(file, 0o644);
			expect((await checkVault(vault.open({ env }))).problem).toContain("can be read by other users");
			let asked = 0;
			const wrong = vault.open({
				passphrase: async () => {
					asked++;
					return { text: "a wrong passphrase", from: "the test" };
				},
			});
			expect((await checkVault(wrong)).problem).toBe("the test is not their passphrase");
			expect(await codeOf(wrong.resolve("A"))).toBe("secrets_locked");
			expect(asked).toBe(1);
		},
		TIMEOUT_MS,
	);

	test(
		"takes the same letters in whatever way they are written, and no short ones",
		async () => {
			using vault = temporaryVault();
			const store = vault.open();
			await store.put("A", "a");
			expect(await codeOf(rekey(store, byPassphrase("short")))).toBe("invalid_request");
			await rekey(store, byPassphrase("naïve café passphrase".normalize("NFD")));
			expect(await vault.open(known("naïve café passphrase".normalize("NFC"))).resolve("A")).toBe("a");
		},
		TIMEOUT_MS,
	);

	test(
		"can be changed, and given up for the machine again",
		async () => {
			using vault = temporaryVault();
			const store = vault.open();
			await store.put("A", "a");
			await rekey(store, byPassphrase());
			await rekey(store, byPassphrase("another passphrase"));
			expect(await codeOf(vault.open(known(PASSPHRASE)).resolve("A"))).toBe("secrets_locked");
			expect(await vault.open(known("another passphrase")).resolve("A")).toBe("a");
			await rekey(store, { source: "machine" });
			expect(await vault.open().resolve("A")).toBe("a");
			expect(Object.keys(JSON.parse(vault.text()))).toEqual(["version", "secrets"]);
		},
		TIMEOUT_MS,
	);

	test(
		"what the earlier daemon stores beside it opens with the machine's key",
		async () => {
			using vault = temporaryVault();
			const store = vault.open();
			await store.put("OURS", "ours");
			const plain = vault.text();
			await rekey(store, byPassphrase());
			const stored = JSON.parse(vault.text());
			stored.secrets.THEIRS = { ...JSON.parse(plain).secrets.OURS, binding: undefined };
			vault.write(JSON.stringify(stored, null, 2));
			const reader = vault.open(known(PASSPHRASE));
			expect(await reader.resolveAll(["OURS", "THEIRS"])).toEqual(
				new Map([
					["OURS", "ours"],
					["THEIRS", "ours"],
				]),
			);
			expect(await checkVault(reader)).toMatchObject({ otherKey: ["THEIRS"], unbound: ["THEIRS"] });
			expect(await vault.open().resolve("THEIRS")).toBe("ours");
		},
		TIMEOUT_MS,
	);

	test("is not tried at any price", async () => {
		using vault = temporaryVault();
		await vault.open().put("A", "a");
		await rekey(vault.open(), byPassphrase());
		const stored = JSON.parse(vault.text());
		for (const key of [{ memoryKiB: 1e9 }, { passes: 1e6 }, { lanes: 1000 }, { memoryKiB: 1 }, { source: "oracle" }]) {
			vault.write(JSON.stringify({ ...stored, key: { ...stored.key, ...key } }));
			expect(await codeOf(vault.open(known(PASSPHRASE)).resolve("A"))).toBe("secrets_key_unknown");
			expect(await codeOf(vault.open(known(PASSPHRASE)).put("B", "b"))).toBe("secrets_key_unknown");
		}
	});

	test("is not asked for where there is none", async () => {
		using vault = temporaryVault();
		await vault.open().put("A", "a");
		expect(await codeOf(vault.open().unlock(PASSPHRASE))).toBe("no_passphrase");
	});
});

describe("the keychain", () => {
	test("keeps the key; without it the vault is locked", async () => {
		using vault = temporaryVault();
		const chain = keychain();
		const store = vault.open({ keychain: chain });
		await store.put("A", "a");
		expect(await rekey(store, { source: "keychain" })).toMatchObject({ source: "keychain", sealed: 1 });
		expect(chain.items.size).toBe(1);
		expect(await vault.open({ keychain: chain }).resolve("A")).toBe("a");
		chain.isLocked = true;
		const locked = vault.open({ keychain: chain });
		expect(await codeOf(locked.resolve("A"))).toBe("secrets_locked");
		expect((await checkVault(locked)).problem).toContain("keychain");
		chain.isLocked = false;
		expect(await locked.resolve("A")).toBe("a");
	});

	test("has nothing left when the key is another one", async () => {
		using vault = temporaryVault();
		const chain = keychain();
		const store = vault.open({ keychain: chain });
		await store.put("A", "a");
		await rekey(store, { source: "keychain" });
		const [first] = chain.items.keys();
		await rekey(store, { source: "keychain" });
		expect([...chain.items.keys()]).not.toContain(first);
		expect(chain.items.size).toBe(1);
		await rekey(store, { source: "machine" });
		expect(chain.items.size).toBe(0);
		expect(await vault.open().resolve("A")).toBe("a");
	});

	test("that takes nothing leaves the vault as it was", async () => {
		using vault = temporaryVault();
		const chain = keychain();
		chain.isLocked = true;
		const store = vault.open({ keychain: chain });
		await store.put("A", "a");
		const before = vault.text();
		expect(await codeOf(rekey(store, { source: "keychain" }))).toBe("keychain_unavailable");
		expect(vault.text()).toBe(before);
	});
});
