import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { StartupError } from "@signet/core";
import { writeDurably } from "../workspace/runtime-files.ts";
import { makeCaptureFiles } from "./capture-files.ts";
import { LAUNCHD_LABEL, launchdAgent, workspaceOfAgent } from "./launchd-agent.ts";
import type { Service, ServiceHost, ServiceState } from "./service.ts";
import { ServiceCommand } from "./service-command.ts";
import type { ServicePlan } from "./service-plan.ts";

const POLL_MS = 100;
/** Longer than launchd waits before it ends an agent that does not end. */
const STOP_MS = 40_000;

/** The daemon as an agent of the user's launchd. */
export class LaunchdService implements Service {
	readonly manager = "launchd";
	readonly file: string;
	readonly #domain: string;
	readonly #target: string;
	readonly #launchctl: ServiceCommand;
	readonly #world: ServiceHost["world"];

	constructor({ homeFolder, userId, world }: ServiceHost) {
		this.file = join(homeFolder, "Library", "LaunchAgents", `${LAUNCHD_LABEL}.plist`);
		this.#domain = `gui/${userId}`;
		this.#target = `${this.#domain}/${LAUNCHD_LABEL}`;
		this.#launchctl = new ServiceCommand(world, ["launchctl"]);
		this.#world = world;
	}

	workspace(): string | undefined {
		return existsSync(this.file) ? (workspaceOfAgent(readFileSync(this.file, "utf8")) ?? "") : undefined;
	}

	async demandReachable(): Promise<void> {
		const { exitCode, stderr } = await this.#launchctl.try("print", this.#domain);
		if (exitCode === 0) return;
		throw new StartupError(
			`The launchd of this user cannot be reached: ${stderr.trim() || `exit status ${exitCode}`}`,
			"Log in on the screen of this machine as that user. `signet start` starts the daemon without a service.",
		);
	}

	async install(plan: ServicePlan): Promise<void> {
		makeCaptureFiles(plan.paths);
		mkdirSync(dirname(this.file), { recursive: true });
		await this.stop();
		writeDurably(this.file, launchdAgent(plan));
		chmodSync(this.file, 0o600);
		await this.#launchctl.demand("enable", this.#target);
	}

	async uninstall(): Promise<void> {
		await this.stop();
		rmSync(this.file, { force: true });
	}

	/** To load it is to start it. One that is loaded already and has ended is started by its name. */
	async start(): Promise<void> {
		if (await this.#isLoaded()) await this.#launchctl.demand("kickstart", this.#target);
		else await this.#launchctl.demand("bootstrap", this.#domain, this.file);
	}

	/** It is unloaded, so that nothing starts it again; at the next login it is loaded again. */
	async stop(): Promise<void> {
		if (!(await this.#isLoaded())) return;
		await this.#launchctl.try("bootout", this.#target);
		await this.#waitUntil(async () => !(await this.#isLoaded()));
	}

	/** To kickstart it right away would leave it no time to end. */
	async restart(): Promise<void> {
		if (!(await this.#isLoaded())) return this.start();
		await this.#launchctl.try("kill", "SIGTERM", this.#target);
		await this.#waitUntil(async () => !(await this.state()).isRunning);
		await this.#launchctl.demand("kickstart", "-k", this.#target);
	}

	async #waitUntil(isDone: () => Promise<boolean>): Promise<void> {
		const deadline = this.#world.clock.monotonicMs() + STOP_MS;
		while (!(await isDone())) {
			if (this.#world.clock.monotonicMs() > deadline) {
				throw new StartupError(
					`launchd has not ended the daemon within ${STOP_MS / 1_000} s`,
					`See: launchctl print ${this.#target}`,
				);
			}
			await this.#world.timers.sleep(POLL_MS);
		}
	}

	async state(): Promise<ServiceState> {
		const { exitCode, stdout } = await this.#launchctl.try("print", this.#target);
		const [, pid] = /^\s*pid = (\d+)$/m.exec(stdout) ?? [];
		const [, state] = /^\s*state = (.+)$/m.exec(stdout) ?? [];
		const [, lastExit] = /^\s*last exit code = (.+)$/m.exec(stdout) ?? [];
		return {
			isRunning: pid !== undefined,
			pid: pid === undefined ? undefined : Number(pid),
			detail:
				exitCode === 0 ? [state, lastExit && `last exit code ${lastExit}`].filter(Boolean).join(", ") : "not loaded",
			isConfinementRefused: false,
		};
	}

	async notes(): Promise<readonly string[]> {
		return [];
	}

	async #isLoaded(): Promise<boolean> {
		return (await this.#launchctl.try("print", this.#target)).exitCode === 0;
	}
}
