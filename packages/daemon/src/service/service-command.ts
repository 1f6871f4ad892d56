import { type FinishedProcess, messageOf, StartupError, type World } from "@signet/core";

const TIMEOUT_MS = 60_000;

/** Runs the command that talks to a service manager. */
export class ServiceCommand {
	constructor(
		private readonly world: Pick<World, "processes">,
		private readonly prefix: readonly string[],
	) {}

	/** Throws a `StartupError` with what it said when it fails. */
	async demand(...args: readonly string[]): Promise<FinishedProcess> {
		const finished = await this.try(...args);
		if (finished.exitCode === 0) return finished;
		const command = [...this.prefix, ...args].join(" ");
		throw new StartupError(
			`\`${command}\` failed: ${finished.stderr.trim() || finished.stdout.trim() || `exit status ${finished.exitCode}`}`,
			"Nothing else was tried. The same command in a terminal may say more.",
		);
	}

	/** Throws only when there is no such command. */
	async try(...args: readonly string[]): Promise<FinishedProcess> {
		const command = [...this.prefix, ...args];
		try {
			return await this.world.processes.run(command, { timeoutMs: TIMEOUT_MS });
		} catch (error) {
			throw new StartupError(
				`\`${command[0]}\` cannot be run: ${messageOf(error)}`,
				"Without it there is no service on this system. `signet start` starts the daemon without one.",
			);
		}
	}
}
