import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { type FinishedProcess, StartupError } from "@signet/core";
import { writeDurably } from "../workspace/runtime-files.ts";
import { makeCaptureFiles } from "./capture-files.ts";
import type { Service, ServiceHost, ServiceState } from "./service.ts";
import { ServiceCommand } from "./service-command.ts";
import type { ServicePlan } from "./service-plan.ts";
import { systemdUnit, workspaceOfUnit } from "./systemd-unit.ts";

const UNIT = "signet.service";
/** Exit statuses by which systemd says that a process could not be confined: by mounts, and by users of its own. */
const CONFINEMENT_STATUSES: ReadonlySet<string | undefined> = new Set(["226", "217"]);
const SHOWN = ["ActiveState", "SubState", "Result", "MainPID", "ExecMainStatus", "UnitFileState"];

/** The daemon as a unit of the user's systemd. */
export class SystemdService implements Service {
	readonly manager = "systemd";
	readonly file: string;
	readonly #systemctl: ServiceCommand;
	readonly #loginctl: ServiceCommand;

	constructor(
		{ homeFolder, world }: ServiceHost,
		private readonly unit = UNIT,
	) {
		this.file = join(homeFolder, ".config", "systemd", "user", unit);
		this.#systemctl = new ServiceCommand(world, ["systemctl", "--user"]);
		this.#loginctl = new ServiceCommand(world, ["loginctl"]);
	}

	workspace(): string | undefined {
		return existsSync(this.file) ? (workspaceOfUnit(readFileSync(this.file, "utf8")) ?? "") : undefined;
	}

	async demandReachable(): Promise<void> {
		const answer = await this.#systemctl.try("show-environment");
		if (answer.exitCode !== 0) throw unreachable(answer);
	}

	async install(plan: ServicePlan): Promise<void> {
		makeCaptureFiles(plan.paths);
		mkdirSync(dirname(this.file), { recursive: true });
		writeDurably(this.file, systemdUnit(plan));
		chmodSync(this.file, 0o600);
		await this.#systemctl.demand("daemon-reload");
		await this.#systemctl.demand("enable", this.unit);
	}

	async uninstall(): Promise<void> {
		await this.#systemctl.try("disable", "--now", this.unit);
		rmSync(this.file, { force: true });
		await this.#systemctl.demand("daemon-reload");
		await this.#systemctl.try("reset-failed", this.unit);
	}

	async start(): Promise<void> {
		// After too many starts that failed it would not even try.
		await this.#systemctl.try("reset-failed", this.unit);
		await this.#systemctl.demand("start", this.unit);
	}

	async stop(): Promise<void> {
		await this.#systemctl.demand("stop", this.unit);
	}

	async restart(): Promise<void> {
		await this.#systemctl.try("reset-failed", this.unit);
		await this.#systemctl.demand("restart", this.unit);
	}

	async state(): Promise<ServiceState> {
		const answer = await this.#systemctl.try("show", this.unit, ...SHOWN.flatMap((name) => ["-p", name]));
		if (answer.exitCode !== 0) throw unreachable(answer);
		const shown = new Map(
			[...answer.stdout.matchAll(/^(\w+)=(.*)$/gm)].map(([, name = "", value = ""]) => [name, value]),
		);
		const pid = Number(shown.get("MainPID"));
		const result = shown.get("Result") ?? "";
		const states = [shown.get("ActiveState") ?? "unknown", shown.get("SubState"), shown.get("UnitFileState")];
		return {
			isRunning: pid > 0,
			pid: pid > 0 ? pid : undefined,
			detail: [...states, result === "success" ? "" : result].filter(Boolean).join(", "),
			isConfinementRefused: CONFINEMENT_STATUSES.has(shown.get("ExecMainStatus")) && !(pid > 0),
		};
	}

	async notes(): Promise<readonly string[]> {
		const { stdout } = await this.#loginctl.try("show-user", "--property=Linger").catch(() => ({ stdout: "" }));
		return stdout.trim() === "Linger=no"
			? ["It runs while you are logged in. On a machine without a screen: loginctl enable-linger"]
			: [];
	}
}

function unreachable({ exitCode, stderr }: FinishedProcess): StartupError {
	return new StartupError(
		`The systemd of this user cannot be reached: ${stderr.trim() || `exit status ${exitCode}`}`,
		"Log in as that user itself (not by su or sudo), on a system that runs systemd. `signet start` starts the daemon without a service.",
	);
}
