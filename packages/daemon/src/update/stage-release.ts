import { isoTime, messageOf, type World } from "@signet/core";
import { ask, contentOf } from "@signet/core/outgoing";
import type { InstalledProgram } from "./installed-program.ts";
import type { Registry, Release } from "./registry.ts";
import { openPackage } from "./release-package.ts";
import { UpdateProblem } from "./update-problem.ts";
import { compareVersions } from "./version.ts";

const MAX_PACKAGE_BYTES = 256 * 1024 * 1024;
const DOWNLOAD_TIMEOUT_MS = 600_000;
const TRIAL_TIMEOUT_MS = 30_000;
const POLL_MS = 10;
const MAX_PRINTED_CHARS = 1_000;

export interface Staging {
	readonly world: Pick<World, "network" | "timers" | "clock" | "processes">;
	readonly registry: Registry;
	readonly program: InstalledProgram;
	/** `process.platform` and `process.arch`, with a dash between. */
	readonly machine: string;
	/** Ed25519 public keys in base64. */
	readonly keys: readonly string[];
}

/**
 * Have a release verified and beside the running program, where nothing uses it yet: what came is what the registry
 * published, the executable in it is the one that the makers signed, and it runs here. Rejects with an `UpdateProblem`.
 */
export async function stageRelease(staging: Staging, release: Release): Promise<void> {
	const { world, program, machine, keys } = staging;
	const { version } = release;
	if (compareVersions(version, program.version) <= 0) {
		throw new UpdateProblem(`Version ${version} is not newer than this one, ${program.version}`);
	}
	if (keys.length === 0) {
		throw new UpdateProblem(
			"This program was built without the key of its makers, so it cannot tell their updates from others. Build the new version the way that this one was built, or name the key in SIGNET_UPDATE_KEY",
		);
	}
	if (program.record().staged?.version === version && (await versionOf(world, program.stagedFile)) === version) return;
	const tarball = await download(staging, release);
	await program.stage(version, await openPackage(tarball, { version, machine, keys, integrity: release.integrity }));
	const told = await versionOf(world, program.stagedFile);
	if (told === version) return;
	const why = `it does not run on this machine (${told === "" ? "it says nothing" : JSON.stringify(told)})`;
	await program.dropStaged(why, isoTime(world.clock.now()));
	throw new UpdateProblem(`Version ${version} was not taken: ${why}`);
}

async function download({ world, registry }: Staging, { version, tarball }: Release): Promise<Uint8Array> {
	try {
		const answer = await ask(world, tarball, {
			reach: registry.reachOf(tarball),
			maxBytes: MAX_PACKAGE_BYTES,
			timeoutMs: DOWNLOAD_TIMEOUT_MS,
		});
		if (answer.status !== 200) {
			await answer.discard();
			throw new Error(`the registry answered ${answer.status}`);
		}
		return await contentOf(answer);
	} catch (error) {
		throw new UpdateProblem(`Version ${version} could not be downloaded: ${messageOf(error)}`);
	}
}

/** What an executable says of its version; whatever else it says, or that it does not, when it is not one of ours. */
export async function versionOf(
	{ processes, timers, clock }: Pick<World, "processes" | "timers" | "clock">,
	executable: string,
): Promise<string> {
	let printed = "";
	let told: string | undefined;
	try {
		const child = processes.startPiped([executable, "--version"], {
			env: { PATH: process.env.PATH, HOME: process.env.HOME, NO_COLOR: "1" },
			onOutput(bytes) {
				if (printed.length < MAX_PRINTED_CHARS) printed += new TextDecoder().decode(bytes);
			},
			onExit({ exitCode, lastWords }) {
				told = exitCode === 0 ? printed.trim() : lastWords;
			},
		});
		child.closeInput();
		const deadline = clock.monotonicMs() + TRIAL_TIMEOUT_MS;
		// A process that is waited for does not keep this one alive, but sleeping does.
		while (told === undefined && clock.monotonicMs() < deadline) await timers.sleep(POLL_MS);
		if (told === undefined) child.kill();
		return (told ?? "").slice(0, MAX_PRINTED_CHARS);
	} catch (error) {
		return messageOf(error);
	}
}
