import { describe, expect, test } from "bun:test";
import type { PipedOptions } from "@signet/core";
import { seededWorld } from "@signet/core/testing";
import { type Machine, machineIdentities } from "./machine-identity.ts";

const IOREG = `+-o J314sAP  <class IOPlatformExpertDevice, id 0x100000227>
    {
      "IOPlatformSerialNumber" = "C02"
      "IOPlatformUUID" = "564D4E5A-0F3B-5C2E-9A1D-0123456789AB"
    }
`;
const REGISTRY =
	"\r\nHKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Cryptography\r\n    MachineGuid    REG_SZ    1b4e28ba-2fa1-11d2-883f-0016d3cca427\r\n\r\n";

const machine = (over: Partial<Machine>): Machine => ({
	platform: "linux",
	hostName: "box",
	env: { USER: "ana" },
	textOf: () => undefined,
	...over,
});

/** A system whose programs print something and end; one that is not named cannot be started. */
function systemWith(outputs: Readonly<Record<string, string | { fails: string }>>) {
	const started: (readonly string[])[] = [];
	const world = seededWorld({
		startPiped(command, { onOutput, onExit }: PipedOptions) {
			started.push(command);
			const output = outputs[command[0] ?? ""];
			if (output === undefined) throw new Error("ENOENT");
			onOutput(Buffer.from(typeof output === "string" ? output : output.fails));
			onExit({ exitCode: typeof output === "string" ? 0 : 1, lastWords: "" });
			return { pid: 1, write: () => undefined, closeInput: () => undefined, kill: () => undefined };
		},
	});
	return { world, started };
}

const texts = async (over: Partial<Machine>, outputs: Parameters<typeof systemWith>[0] = {}) =>
	(await machineIdentities(machine(over), systemWith(outputs).world)).map(({ text }) => text);

describe("identities, in the order in which they are tried", () => {
	test("Linux: the files of the system, trimmed, then host and user", async () => {
		const files: Record<string, string> = { "/etc/machine-id": " abc \n", "/var/lib/dbus/machine-id": "def\n" };
		expect(await texts({ textOf: (file) => files[file] })).toEqual(["abc", "def", "box-ana", "box-user"]);
		expect(await texts({ textOf: () => "same\n" })).toEqual(["same", "box-ana", "box-user"]);
		expect(await texts({ textOf: () => "\n" })).toEqual(["box-ana", "box-user"]);
	});

	test("macOS: the hardware, by the absolute path of the program and without a shell", async () => {
		const { world, started } = systemWith({ "/usr/sbin/ioreg": IOREG });
		const found = await machineIdentities(machine({ platform: "darwin" }), world);
		expect(found.map(({ text }) => text)).toEqual(["564D4E5A-0F3B-5C2E-9A1D-0123456789AB", "box-ana", "box-user"]);
		expect(started).toEqual([["/usr/sbin/ioreg", "-rd1", "-c", "IOPlatformExpertDevice"]]);
	});

	test("macOS without an answer: host and user", async () => {
		expect(await texts({ platform: "darwin" })).toEqual(["box-ana", "box-user"]);
		expect(await texts({ platform: "darwin" }, { "/usr/sbin/ioreg": { fails: IOREG } })).toEqual([
			"box-ana",
			"box-user",
		]);
		expect(await texts({ platform: "darwin" }, { "/usr/sbin/ioreg": "nothing" })).toEqual(["box-ana", "box-user"]);
	});

	test("Windows: the registry, then host and user by either name", async () => {
		const outputs = { "D:\\Win\\System32\\reg.exe": REGISTRY };
		const env = { SystemRoot: "D:\\Win", USERNAME: "Ana" };
		const guid = "1b4e28ba-2fa1-11d2-883f-0016d3cca427";
		expect(await texts({ platform: "win32", env }, outputs)).toEqual([guid, "box-Ana", "box-user"]);
		expect(await texts({ platform: "win32", env: { ...env, USER: "ana" } }, outputs)).toEqual([
			guid,
			"box-ana",
			"box-Ana",
			"box-user",
		]);
	});

	test("a program that does not end is not waited for", async () => {
		let isKilled = false;
		const world = seededWorld({
			startPiped: () => ({
				pid: 1,
				write: () => undefined,
				closeInput: () => undefined,
				kill: () => {
					isKilled = true;
				},
			}),
		});
		const found = machineIdentities(machine({ platform: "darwin" }), world);
		await world.advance(2_000);
		expect((await found).map(({ text }) => text)).toEqual(["box-ana", "box-user"]);
		expect(isKilled).toBe(true);
	});
});

test("what many machines have in common is known as such", async () => {
	const common = async (over: Partial<Machine>) =>
		(await machineIdentities(machine(over), systemWith({}).world)).filter(({ isCommon }) => isCommon);
	expect(await common({ textOf: () => "uninitialized\n" })).toEqual([
		{ text: "uninitialized", isCommon: true },
		{ text: "box-user", isCommon: true },
	]);
	expect(await common({ hostName: "", env: {} })).toEqual([{ text: "-user", isCommon: true }]);
	expect((await common({})).map(({ text }) => text)).toEqual(["box-user"]);
});
