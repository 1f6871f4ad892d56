import { describe, expect, test } from "bun:test";
import {
	chmodSync,
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { RequestError } from "@signet/core";
import fc from "fast-check";
import { checkVault } from "./check.ts";
import { machineOf, temporaryVault } from "./testing/index.ts";

const FIXTURES = join(import.meta.dir, "..", "..", "..", "tests", "contract", "fixtures", "secrets");
const fixture = (name: string) => readFileSync(join(FIXTURES, name), "utf8");
const modeOf = (path: string) => statSync(path).mode & 0o777;

async function refusalOf(work: Promise<unknown>): Promise<{ code: string; status: number; message: string }> {
	try {
		await work;
	} catch (error) {
		if (error instanceof RequestError) return { code: error.code, status: error.status, message: error.message };
		throw error;
	}
	throw new Error("it was not refused");
}

describe("stores of the earlier daemon", () => {
	test("all values of one come out", async () => {
		const { machineId, secrets } = JSON.parse(fixture("expected.json"));
		using vault = temporaryVault(machineId);
		vault.write(fixture("secrets.enc"));
		const store = vault.open();
		const expected = secrets.map(({ name, value }: { name: string; value: string }) => [name, value]);
		expect([...(await store.values())]).toEqual(expected);
		expect(await store.list()).toEqual(expected.map(([name]: string[]) => name));
		expect(vault.text()).toBe(fixture("secrets.enc"));
		expect(vault.text(".machine-id")).toBe(machineId);
	});

	test("one that was written under two identities opens with both, on the machine and by its host name", async () => {
		const { machineIds, secrets } = JSON.parse(fixture("mixed.expected.json"));
		using vault = temporaryVault();
		vault.write(fixture("mixed.enc"));
		vault.write(machineIds[0], ".machine-id");
		const store = vault.open({ machine: machineOf(undefined, { hostName: "studio-mac.local", user: "alice" }) });
		for (const { name, value } of secrets) expect([name, await store.resolve(name)]).toEqual([name, value]);
		const { total, unopened, otherKey } = await checkVault(store);
		expect({ total, unopened, otherKey }).toEqual({ total: 4, unopened: [], otherKey: ["FROM_SERVICE"] });
	});

	test("what is damaged in one keeps nobody from the rest", async () => {
		const { machineId, readable, unreadable } = JSON.parse(fixture("damaged.expected.json"));
		using vault = temporaryVault(machineId);
		vault.write(fixture("damaged.enc"));
		const store = vault.open();
		expect(Object.fromEntries(await store.values())).toEqual(readable);
		for (const name of unreadable) {
			expect(await refusalOf(store.resolve(name))).toMatchObject({ code: "secret_unopened", status: 500 });
		}
		const { total, unopened } = await checkVault(store);
		expect(total).toBe(8);
		expect(unopened.map(({ name }) => name)).toEqual(unreadable);
		await store.put("FLIPPED_TAG", "new");
		await store.delete("EMPTY");
		expect(await store.resolve("FLIPPED_TAG")).toBe("new");
		expect((await checkVault(store)).unopened).toHaveLength(unreadable.length - 2);
	});

	test("one of another machine is listed, added to, and otherwise left as it is", async () => {
		using vault = temporaryVault("another machine");
		vault.write(fixture("secrets.enc"));
		const store = vault.open();
		const [first = ""] = await store.list();
		expect((await refusalOf(store.resolve(first))).message).toContain("another machine");
		await store.put("NEW_ONE", "made here");
		expect(await store.resolve("NEW_ONE")).toBe("made here");
		const { NEW_ONE: _, ...others } = JSON.parse(vault.text()).secrets;
		expect(others).toEqual(JSON.parse(fixture("secrets.enc")).secrets);
	});

	test("the daemon that wrote it finds what it knows: no field of ours is in its way", async () => {
		using vault = temporaryVault();
		await vault.open().put("A", "value");
		const stored = JSON.parse(vault.text());
		expect(Object.keys(stored)).toEqual(["version", "secrets"]);
		expect(Object.keys(stored.secrets.A)).toEqual(["ciphertext", "created", "updated", "binding"]);
		expect(vault.text()).toBe(JSON.stringify(stored, null, 2));
	});
});

describe("values", () => {
	test("whatever is stored comes out, for another process too", async () => {
		using vault = temporaryVault();
		const store = vault.open();
		await fc.assert(
			fc.asyncProperty(fc.string({ unit: "binary", minLength: 1, maxLength: 300 }), async (value) => {
				await store.put("ANY", value);
				expect(await store.resolve("ANY")).toBe(value);
				expect(await vault.open().resolve("ANY")).toBe(value);
			}),
			{ numRuns: 25 },
		);
	});

	test("keep their place and the time when they were first stored", async () => {
		using vault = temporaryVault();
		const store = vault.open();
		for (const name of ["A", "B", "a"]) await store.put(name, name);
		const { created } = JSON.parse(vault.text()).secrets.A;
		await store.put("A", "another");
		expect(await store.list()).toEqual(["A", "B", "a"]);
		expect(JSON.parse(vault.text()).secrets.A.created).toBe(created);
		expect(await store.resolveAll(["a", "A"])).toEqual(
			new Map([
				["a", "a"],
				["A", "another"],
			]),
		);
	});

	test("that are missing are named, and nothing is resolved beside them", async () => {
		using vault = temporaryVault();
		const store = vault.open();
		await store.put("A", "value");
		expect(await refusalOf(store.resolveAll(["A", "B"]))).toEqual({
			code: "not_found",
			status: 404,
			message: "Secret 'B' not found",
		});
		expect((await refusalOf(store.delete("B"))).status).toBe(404);
	});

	test.each(["toString", "__proto__", "constructor", "hasOwnProperty"])("may be called %s", async (name) => {
		using vault = temporaryVault();
		const store = vault.open();
		expect((await refusalOf(store.resolve(name))).code).toBe("not_found");
		expect((await refusalOf(store.delete(name))).code).toBe("not_found");
		await store.put(name, "value");
		expect(await vault.open().list()).toEqual([name]);
		expect(await vault.open().resolve(name)).toBe("value");
		await store.delete(name);
		expect(await store.list()).toEqual([]);
	});

	test.each(["", "1ST", "two words", "bad-name", "FOO/bar", "naïve", "A\n"])("may not be called %p", async (name) => {
		using vault = temporaryVault();
		const { status, message } = await refusalOf(vault.open().put(name, "value"));
		expect(status).toBe(400);
		expect(message).toBe(`Invalid secret name '${name}'. Use letters, digits, and underscores only.`);
		expect(existsSync(vault.folder)).toBe(false);
	});

	test("that could not come out again are refused", async () => {
		using vault = temporaryVault();
		expect((await refusalOf(vault.open().put("A", ""))).status).toBe(400);
		expect((await refusalOf(vault.open().put("A", "half \ud83d"))).status).toBe(400);
	});

	test("that are removed are in no file any more", async () => {
		using vault = temporaryVault();
		const store = vault.open();
		await store.put("KEPT", "kept");
		await store.put("GONE", "gone");
		const { ciphertext } = JSON.parse(vault.text()).secrets.GONE;
		await store.delete("GONE");
		for (const name of readdirSync(vault.folder)) expect(vault.text(name)).not.toContain(ciphertext);
	});
});

describe("a store that cannot be read", () => {
	const BROKEN = '{"version": 1, "secrets": {"DB_PASS';

	test("is never written over, and a copy of it is kept once", async () => {
		using vault = temporaryVault();
		await vault.open().put("A", "value");
		const good = vault.text();
		vault.write(BROKEN);
		const store = vault.open();
		for (const work of [() => store.list(), () => store.put("B", "b"), () => store.delete("A"), () => store.values()]) {
			const { status, code, message } = await refusalOf(work());
			expect([status, code]).toEqual([503, "secrets_unreadable"]);
			expect(message).toContain("secrets.enc.bak");
			expect(message).not.toContain("DB_PASS");
		}
		expect(vault.text()).toBe(BROKEN);
		const copies = readdirSync(vault.folder).filter((name) => name.includes(".corrupt-"));
		expect(copies).toHaveLength(1);
		expect(vault.text(copies[0])).toBe(BROKEN);
		expect(modeOf(join(vault.folder, copies[0] ?? ""))).toBe(0o600);
		expect(await checkVault(store)).toMatchObject({ state: "unreadable", total: 0 });
		vault.write(vault.text("secrets.enc.bak"));
		expect(vault.text()).toBe(good);
		expect(await store.resolve("A")).toBe("value");
	});

	test.each([["[]"], [""], ["null"], ["\ufeff{}"], ['{"version":9,"secrets":{}}']])("%p", async (text) => {
		using vault = temporaryVault();
		vault.write(text);
		expect((await refusalOf(vault.open().put("A", "a"))).status).toBe(503);
		expect(vault.text()).toBe(text);
	});

	test("is kept five times at most, whatever is made of it", async () => {
		using vault = temporaryVault();
		for (let n = 0; n < 8; n++) {
			vault.write(`broken ${n}`);
			await refusalOf(vault.open().list());
		}
		expect(readdirSync(vault.folder).filter((name) => name.includes(".corrupt-")).length).toBeLessThanOrEqual(5);
	});

	test("is not one that is missing: that is empty", async () => {
		using vault = temporaryVault();
		expect(await vault.open().list()).toEqual([]);
		expect(await vault.open().values()).toEqual(new Map());
		expect((await checkVault(vault.open())).state).toBe("absent");
		expect(existsSync(vault.folder)).toBe(false);
	});
});

describe.skipIf(process.platform === "win32")("files", () => {
	test("belong to their owner alone, also where older programs left them open", async () => {
		using vault = temporaryVault();
		await vault.open().put("A", "a");
		chmodSync(vault.folder, 0o755);
		chmodSync(join(vault.folder, "secrets.enc"), 0o644);
		const store = vault.open();
		expect((await checkVault(store)).openToOthers).toHaveLength(2);
		await store.put("B", "b");
		expect(modeOf(vault.folder)).toBe(0o700);
		for (const name of ["secrets.enc", "secrets.enc.bak", ".machine-id", ".lock"]) {
			expect([name, modeOf(join(vault.folder, name))]).toEqual([name, 0o600]);
		}
		expect((await checkVault(store)).openToOthers).toEqual([]);
	});

	test("a link in their place is not followed, neither to read nor to write", async () => {
		using vault = temporaryVault();
		using elsewhere = temporaryVault();
		await elsewhere.open().put("THEIRS", "theirs");
		const before = elsewhere.text();
		mkdirSync(vault.folder);
		symlinkSync(join(elsewhere.folder, "secrets.enc"), join(vault.folder, "secrets.enc"));
		expect(await refusalOf(vault.open().list())).toMatchObject({ status: 503, code: "secrets_unsafe" });
		expect((await refusalOf(vault.open().put("A", "a"))).code).toBe("secrets_unsafe");
		expect(elsewhere.text()).toBe(before);
	});

	test("a folder in their place is told of", async () => {
		using vault = temporaryVault();
		mkdirSync(join(vault.folder, "secrets.enc"), { recursive: true });
		expect((await refusalOf(vault.open().list())).code).toBe("secrets_unsafe");
	});

	test("what a killed program left unfinished is removed, and was never read", async () => {
		using vault = temporaryVault();
		await vault.open().put("A", "a");
		vault.write('{"version":1,"secrets":{', "secrets.enc.0123456789ab.tmp");
		expect(await vault.open().resolve("A")).toBe("a");
		await vault.open().put("B", "b");
		expect(readdirSync(vault.folder).sort()).toEqual([".lock", ".machine-id", "secrets.enc", "secrets.enc.bak"]);
	});
});

describe("an entry that somebody has put in another one's place", () => {
	test("is refused, and found by the check", async () => {
		using vault = temporaryVault();
		const store = vault.open();
		await store.put("SAFE", "harmless");
		await store.put("PROD_KEY", "dangerous");
		const stored = JSON.parse(vault.text());
		stored.secrets.SAFE = stored.secrets.PROD_KEY;
		vault.write(JSON.stringify(stored, null, 2));
		expect((await refusalOf(store.resolve("SAFE"))).message).toContain("belongs to another secret");
		expect(await store.values()).toEqual(new Map([["PROD_KEY", "dangerous"]]));
		expect((await checkVault(store)).unopened).toEqual([{ name: "SAFE", why: "moved" }]);
	});

	test("cannot be told without its proof, which the check misses", async () => {
		using vault = temporaryVault();
		const store = vault.open();
		await store.put("A", "a");
		const stored = JSON.parse(vault.text());
		stored.secrets.A.binding = undefined;
		vault.write(JSON.stringify(stored, null, 2));
		expect(await store.resolve("A")).toBe("a");
		expect((await checkVault(store)).unbound).toEqual(["A"]);
	});
});

test("whatever byte of the file is another one, no name has another value than it was given", async () => {
	using vault = temporaryVault();
	const store = vault.open();
	const given = new Map([
		["A", "value of a"],
		["B", "value of b"],
	]);
	for (const [name, value] of given) await store.put(name, value);
	const good = Buffer.from(vault.text());
	await fc.assert(
		fc.asyncProperty(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
			const bytes = Buffer.from(good);
			bytes[at] = (bytes[at] ?? 0) ^ flip;
			writeFileSync(join(vault.folder, "secrets.enc"), bytes);
			const found = await vault
				.open()
				.values()
				.catch((error: unknown) => {
					if (error instanceof RequestError) return new Map<string, string>();
					throw error;
				});
			for (const [name, value] of found) expect([name, value]).toEqual([name, given.get(name) ?? "none"]);
		}),
		{ numRuns: 300 },
	);
});

describe("changes", () => {
	test("are counted and told, whoever makes them", async () => {
		using vault = temporaryVault();
		const [store, other] = [vault.open(), vault.open()];
		let told = 0;
		const end = store.onChange(() => told++);
		const before = store.changes;
		expect(store.changes).toBe(before);
		await store.put("A", "a");
		expect(store.changes).toBe(before + 1);
		expect(told).toBe(1);
		await other.put("A", "b");
		expect(store.changes).toBe(before + 2);
		expect(told).toBe(2);
		expect(await store.resolve("A")).toBe("b");
		rmSync(join(vault.folder, "secrets.enc"));
		expect(store.changes).toBe(before + 3);
		end();
		await store.put("C", "c");
		expect(told).toBe(3);
	});

	test("that fail count for nothing", async () => {
		using vault = temporaryVault();
		const store = vault.open();
		const before = store.changes;
		await refusalOf(store.delete("A"));
		expect(store.changes).toBe(before);
	});
});

describe("texts that are kept with the secrets", () => {
	test("are sealed, change as one, and are no secrets", async () => {
		using vault = temporaryVault();
		const store = vault.open();
		expect(await store.sealedText("policies")).toBeUndefined();
		await store.changeSealedText("policies", () => "[]");
		await Promise.all(
			Array.from({ length: 10 }, (_, n) =>
				store.changeSealedText("policies", (text) => JSON.stringify([...JSON.parse(text ?? "[]"), n])),
			),
		);
		expect(JSON.parse((await vault.open().sealedText("policies")) ?? "")).toHaveLength(10);
		expect(vault.text()).not.toContain("[0,1");
		expect(await store.list()).toEqual([]);
		await store.changeSealedText("policies", () => undefined);
		expect(JSON.parse(vault.text())).toEqual({ version: 1, secrets: {} });
	});

	test("that were changed or moved by somebody are refused", async () => {
		using vault = temporaryVault();
		const store = vault.open();
		await store.changeSealedText("policies", () => "strict");
		await store.changeSealedText("notes", () => "lax");
		const stored = JSON.parse(vault.text());
		vault.write(JSON.stringify({ ...stored, sealed: { policies: stored.sealed.notes } }));
		expect((await refusalOf(store.sealedText("policies"))).status).toBe(500);
		vault.write(JSON.stringify({ ...stored, sealed: { policies: { ciphertext: stored.sealed.policies.ciphertext } } }));
		expect((await refusalOf(store.sealedText("policies"))).status).toBe(500);
		expect((await checkVault(store)).unopened).toEqual([{ name: "sealed:policies", why: "damaged" }]);
	});
});

describe("which machine it is", () => {
	test("is written down with the first secret, and holds whatever the system says later", async () => {
		using vault = temporaryVault("first");
		await vault.open().put("A", "a");
		expect(vault.text(".machine-id")).toBe("first");
		const later = vault.open({ machine: machineOf("second") });
		expect(await later.resolve("A")).toBe("a");
		await later.put("B", "b");
		expect(await vault.open().resolveAll(["A", "B"])).toEqual(
			new Map([
				["A", "a"],
				["B", "b"],
			]),
		);
	});

	test("that is written down does not keep older values from being opened", async () => {
		using vault = temporaryVault("real");
		await vault.open().put("A", "a");
		vault.write("another\n", ".machine-id");
		const store = vault.open();
		expect(await store.resolve("A")).toBe("a");
		await store.put("B", "b");
		expect((await checkVault(store)).otherKey).toEqual(["A"]);
		vault.write(" \n", ".machine-id");
		expect((await refusalOf(store.resolve("B"))).code).toBe("secret_unopened");
	});

	test("nothing new is sealed under what many machines have in common", async () => {
		for (const machine of [
			machineOf(undefined, { user: "" }),
			machineOf("uninitialized\n"),
			machineOf(undefined, { hostName: "" }),
		]) {
			using vault = temporaryVault();
			await vault.open({ machine }).put("A", "a");
			expect(vault.text(".machine-id")).toMatch(/^[0-9a-f]{32}$/);
			expect(await vault.open({ machine }).resolve("A")).toBe("a");
		}
	});

	test("a store that was sealed so goes on being sealed so", async () => {
		using vault = temporaryVault();
		vault.write("box-user", ".machine-id");
		await vault.open().put("OLD", "old");
		rmSync(join(vault.folder, ".machine-id"));
		const machine = machineOf(undefined, { user: "" });
		await vault.open({ machine }).put("NEW", "new");
		expect(vault.text(".machine-id")).toBe("box-user");
	});
});
