import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import type { World } from "@signet/core";
import { runTool } from "./run-tool.ts";

/** What tells one machine from another. */
export interface Machine {
	readonly platform: NodeJS.Platform;
	readonly hostName: string;
	readonly env: Readonly<Record<string, string | undefined>>;
	/** The text of a file; undefined where there is none that can be read. */
	readonly textOf: (file: string) => string | undefined;
}

/** An identity that a key may have been derived from. */
export interface MachineIdentity {
	readonly text: string;
	/** Many machines have the same, so that nothing new is to be sealed under it. */
	readonly isCommon: boolean;
}

const TOOL_TIMEOUT_MS = 2_000;
const IDENTITY_FILES = ["/etc/machine-id", "/var/lib/dbus/machine-id"];
/** By its path: a service manager may start us with a search path that lacks it. */
const HARDWARE_TOOL = "/usr/sbin/ioreg";
const REGISTRY_KEY = "HKLM\\SOFTWARE\\Microsoft\\Cryptography";
/** What an image says that has never been started. */
const UNINITIALISED = "uninitialized";

/** The machine that we run on. */
export function thisMachine(env: Machine["env"]): Machine {
	return {
		platform: process.platform,
		hostName: hostname(),
		env,
		textOf(file) {
			try {
				return readFileSync(file, "utf8");
			} catch {
				return undefined;
			}
		},
	};
}

/**
 * All identities that an existing store may have been sealed under on this machine. The first is the one that the
 * earlier daemon would take; it took others of them depending on how it was started.
 */
export async function machineIdentities(
	machine: Machine,
	world: Pick<World, "processes" | "timers">,
): Promise<MachineIdentity[]> {
	const found = [
		...IDENTITY_FILES.map((file) => machine.textOf(file)?.trim()),
		await hardwareId(machine, world),
		await registryId(machine, world),
	].map((text = "") => ({ text, isCommon: text === UNINITIALISED }));
	return distinct([...found, ...hostIdentities(machine)].filter(({ text }) => text !== ""));
}

/** The name of the host and who uses it: changes with either, and is the same on many machines without them. */
function hostIdentities({ hostName, env }: Machine): MachineIdentity[] {
	const users = [env.USER, env.USERNAME].filter((user) => Boolean(user));
	return [
		...users.map((user) => ({ text: `${hostName}-${user}`, isCommon: hostName === "" })),
		{ text: `${hostName}-user`, isCommon: true },
	];
}

async function hardwareId(
	{ platform, env }: Machine,
	world: Pick<World, "processes" | "timers">,
): Promise<string | undefined> {
	if (platform !== "darwin") return undefined;
	const command = [HARDWARE_TOOL, "-rd1", "-c", "IOPlatformExpertDevice"];
	const output = await runTool(world, command, { env, timeoutMs: TOOL_TIMEOUT_MS });
	const line = output?.split("\n").find((each) => each.includes("IOPlatformUUID"));
	return line?.trim().split(/\s+/)[2]?.replaceAll('"', "");
}

async function registryId(
	{ platform, env }: Machine,
	world: Pick<World, "processes" | "timers">,
): Promise<string | undefined> {
	if (platform !== "win32") return undefined;
	const tool = `${env.SystemRoot || "C:\\Windows"}\\System32\\reg.exe`;
	const command = [tool, "query", REGISTRY_KEY, "/v", "MachineGuid", "/reg:64"];
	const output = await runTool(world, command, { env, timeoutMs: TOOL_TIMEOUT_MS });
	return /MachineGuid\s+REG_SZ\s+(\S+)/.exec(output ?? "")?.[1];
}

/** The first of each text counts. */
function distinct(identities: readonly MachineIdentity[]): MachineIdentity[] {
	const seen = new Set<string>();
	return identities.filter(({ text }) => !seen.has(text) && seen.add(text));
}
