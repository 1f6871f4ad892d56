import { isoTime, messageOf, type World } from "@signet/core";
import type { InstalledProgram } from "./installed-program.ts";
import { versionOf } from "./stage-release.ts";
import { UpdateProblem } from "./update-problem.ts";

/** The daemon that runs from the executable, for whoever exchanges it. */
export interface DaemonControl {
	isRunning(): Promise<boolean>;
	/** Resolves when it has ended. */
	stop(): Promise<void>;
	/** Resolves when it answers and can read its database, to the version that it is. */
	start(): Promise<string>;
}

export interface Applied {
	readonly version: string;
	readonly isRestarted: boolean;
}

type ApplyWorld = Pick<World, "clock" | "processes" | "timers">;

/**
 * Put the staged version in use: exchange the executable, and the daemon if it runs. One that does not come up healthy
 * is taken back, and the version before runs again. Rejects with an `UpdateProblem` that says which of the two holds.
 */
export async function applyStaged(
	world: ApplyWorld,
	program: InstalledProgram,
	control: DaemonControl,
): Promise<Applied> {
	const isRestarted = await control.isRunning();
	const { version } = await program.switch();
	try {
		if (isRestarted) await control.stop();
		await demandHealthy(world, program, version, isRestarted ? control : undefined);
	} catch (error) {
		throw await takeBack(world, program, { version, why: messageOf(error) }, isRestarted ? control : undefined);
	}
	return { version, isRestarted };
}

/** Put the version before in use again. Rejects with an `UpdateProblem`. */
export async function rollBack(program: InstalledProgram, control: DaemonControl): Promise<Applied> {
	const isRestarted = await control.isRunning();
	const { version } = await program.switchBack();
	if (isRestarted) {
		await control.stop();
		await control.start();
	}
	return { version, isRestarted };
}

async function demandHealthy(
	world: ApplyWorld,
	program: InstalledProgram,
	version: string,
	control: DaemonControl | undefined,
): Promise<void> {
	const told = control ? await control.start() : await versionOf(world, program.file);
	if (told !== version) throw new Error(`what runs says that it is ${JSON.stringify(told)}`);
}

async function takeBack(
	world: ApplyWorld,
	program: InstalledProgram,
	{ version, why }: { version: string; why: string },
	control: DaemonControl | undefined,
): Promise<UpdateProblem> {
	const failed = { version, why, at: isoTime(world.clock.now()) };
	try {
		// It may hang instead of having ended.
		await control?.stop().catch(() => undefined);
		const back = await program.switchBack(failed);
		await control?.start();
		return new UpdateProblem(`Version ${version} was taken back: ${why}. Version ${back.version} is in use again`);
	} catch (error) {
		const both = `Version ${version} does not work (${why}), and going back failed: ${messageOf(error)}`;
		return new UpdateProblem(`${both}. Put the version before in its place by hand, and start it`);
	}
}
