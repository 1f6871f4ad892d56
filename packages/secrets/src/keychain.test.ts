import { describe, expect, test } from "bun:test";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PipedOptions } from "@signet/core";
import { seededWorld } from "@signet/core/testing";
import { realWorld } from "@signet/core/world";
import { keychainBy, keychainTool } from "./keychain.ts";

const ITEM = { service: "Signet secrets", account: "0a1b" };
const KEY = "ab".repeat(32);

test("each system has its own, by absolute paths; some have none", () => {
	const has =
		(...files: string[]) =>
		(file: string) =>
			files.includes(file);
	expect(keychainTool("darwin", has("/usr/bin/security"))?.program).toBe("/usr/bin/security");
	expect(keychainTool("darwin", has())).toBeUndefined();
	expect(keychainTool("linux", has("/usr/local/bin/secret-tool"))?.program).toBe("/usr/local/bin/secret-tool");
	expect(keychainTool("linux", has())).toBeUndefined();
	expect(keychainTool("win32", () => true)).toBeUndefined();
});

describe.skipIf(process.platform === "win32")("secret-tool", () => {
	/** A program that takes and gives as `secret-tool` does, and writes down the words of its commands. */
	function fakeTool() {
		const folder = mkdtempSync(join(tmpdir(), "signet-keychain-"));
		const program = join(folder, "secret-tool");
		const [words, kept] = ["words", "kept"].map((name) => join(folder, name));
		writeFileSync(
			program,
			`#!/bin/sh
echo "$@" >> ${words}
case "$1" in
store) cat > ${kept} ;;
lookup) cat ${kept} ;;
clear) rm ${kept} ;;
esac
`,
		);
		chmodSync(program, 0o755);
		const tool = keychainTool("linux", () => true);
		if (!tool) throw new Error("Linux has a tool");
		return {
			keychain: keychainBy({ ...tool, program }, realWorld, { PATH: "/usr/bin:/bin" }),
			words: () => readFileSync(words ?? "", "utf8"),
			isKept: () => existsSync(kept ?? ""),
			breakDown: () => writeFileSync(program, "#!/bin/sh\nexit 1\n"),
			[Symbol.dispose]: () => rmSync(folder, { recursive: true }),
		};
	}

	test("is told the key by its standard input, never by its words", async () => {
		using tool = fakeTool();
		expect(await tool.keychain.read(ITEM)).toBeUndefined();
		await tool.keychain.write(ITEM, KEY);
		expect(await tool.keychain.read(ITEM)).toBe(KEY);
		expect(tool.words()).toContain("store --label Signet secrets service Signet secrets account 0a1b");
		expect(tool.words()).not.toContain(KEY);
		await tool.keychain.remove(ITEM);
		expect(tool.isKept()).toBe(false);
	});

	test("that keeps nothing is found out at once", async () => {
		using tool = fakeTool();
		tool.breakDown();
		await expect(tool.keychain.write(ITEM, KEY)).rejects.toMatchObject({ code: "keychain_unavailable" });
	});
});

test("security of macOS is told the key by its standard input too", async () => {
	const commands: { words: readonly string[]; input: string }[] = [];
	let kept = "";
	const world = seededWorld({
		startPiped(command, { onOutput, onExit }: PipedOptions) {
			const one = { words: command, input: "" };
			commands.push(one);
			return {
				pid: 1,
				write: (text) => {
					one.input += text;
				},
				closeInput() {
					kept = /-w "(.*)"/.exec(one.input)?.[1] ?? kept;
					if (command.includes("find-generic-password")) onOutput(Buffer.from(`${kept}\n`));
					onExit({ exitCode: 0, lastWords: "" });
				},
				kill: () => undefined,
			};
		},
	});
	const tool = keychainTool("darwin", () => true);
	if (!tool) throw new Error("macOS has a tool");
	const keychain = keychainBy(tool, world, {});
	await keychain.write(ITEM, KEY);
	expect(await keychain.read(ITEM)).toBe(KEY);
	expect(commands[0]).toEqual({
		words: ["/usr/bin/security", "-i"],
		input: `add-generic-password -U -s "Signet secrets" -a "0a1b" -w "${KEY}"\n`,
	});
	for (const { words } of commands) expect(words.join(" ")).not.toContain(KEY);
});
