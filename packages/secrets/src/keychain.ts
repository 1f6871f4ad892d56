import { statSync } from "node:fs";
import { RequestError, type World } from "@signet/core";
import { runTool } from "./run-tool.ts";

/** Where in the keychain of the system something is. */
export interface KeychainItem {
	readonly service: string;
	readonly account: string;
}

/** The keychain that the system unlocks for who has logged in. */
export interface Keychain {
	/** Undefined when it has no such item, is locked, or does not answer. */
	read(item: KeychainItem): Promise<string | undefined>;
	/** Throws a `RequestError` unless it can be read back. */
	write(item: KeychainItem, text: string): Promise<void>;
	remove(item: KeychainItem): Promise<void>;
}

/** A person may have to unlock it. */
const TIMEOUT_MS = 30_000;

interface Command {
	readonly command: readonly string[];
	/** What is secret goes in by the standard input: everybody can see the words of a command. */
	readonly input?: string;
}

/** A program of the system that reaches its keychain. */
export interface KeychainTool {
	readonly program: string;
	readonly read: (item: KeychainItem) => readonly string[];
	readonly write: (item: KeychainItem, text: string) => Command;
	readonly remove: (item: KeychainItem) => readonly string[];
}

const MAC_TOOL: KeychainTool = {
	program: "/usr/bin/security",
	read: ({ service, account }) => ["find-generic-password", "-s", service, "-a", account, "-w"],
	write: ({ service, account }, text) => ({
		command: ["-i"],
		input: `add-generic-password -U -s "${service}" -a "${account}" -w "${text}"\n`,
	}),
	remove: ({ service, account }) => ["delete-generic-password", "-s", service, "-a", account],
};

const linuxTool = (program: string): KeychainTool => ({
	program,
	read: ({ service, account }) => ["lookup", "service", service, "account", account],
	write: ({ service, account }, text) => ({
		command: ["store", "--label", "Signet secrets", "service", service, "account", account],
		input: text,
	}),
	remove: ({ service, account }) => ["clear", "service", service, "account", account],
});

/** Where systems have it; a search path could lead to anybody's. */
const LINUX_PROGRAMS = [
	"/usr/bin/secret-tool",
	"/bin/secret-tool",
	"/usr/local/bin/secret-tool",
	"/run/current-system/sw/bin/secret-tool",
];

/** The tool of a system that has one. */
export function keychainTool(
	platform: NodeJS.Platform,
	isThere: (file: string) => boolean = isFile,
): KeychainTool | undefined {
	if (platform === "darwin") return isThere(MAC_TOOL.program) ? MAC_TOOL : undefined;
	const program = platform === "linux" ? LINUX_PROGRAMS.find((path) => isThere(path)) : undefined;
	return program === undefined ? undefined : linuxTool(program);
}

/** The keychain that a tool reaches. */
export function keychainBy(
	{ program, read, write, remove }: KeychainTool,
	world: Pick<World, "processes" | "timers">,
	env: Readonly<Record<string, string | undefined>>,
): Keychain {
	const run = (words: readonly string[], input?: string) =>
		runTool(world, [program, ...words], { env, timeoutMs: TIMEOUT_MS, ...(input !== undefined && { input }) });
	const readItem = async (item: KeychainItem) => (await run(read(item)))?.trim() || undefined;
	return {
		read: readItem,
		async write(item, text) {
			const { command, input } = write(item, text);
			await run(command, input);
			if ((await readItem(item)) === text) return;
			throw new RequestError(
				503,
				"keychain_unavailable",
				`The keychain took nothing (${program}); unlock it, or choose another way to keep the key. Nothing was changed`,
			);
		},
		async remove(item) {
			await run(remove(item));
		},
	};
}

function isFile(path: string): boolean {
	return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
