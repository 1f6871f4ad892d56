import { messageOf, type World } from "@signet/core";
import * as z from "zod/mini";
import { UpdateProblem } from "./update-problem.ts";
import type { Installer } from "./update-service.ts";

const STAGING_TIMEOUT_MS = 900_000;
const MAX_OUTPUT_CHARS = 64 * 1024;
const FROM_SOURCES = "This daemon runs from its sources: update these instead, and start it again";

export interface ProcessInstallerOptions {
	readonly world: Pick<World, "processes" | "timers">;
	/** Starts this program as the one that updates it; undefined where there is no executable to be exchanged. */
	readonly command: readonly string[] | undefined;
	/** The version that lies beside the executable. */
	readonly readStaged: () => string | undefined;
	/** The workspace. */
	readonly root: string;
	readonly env: Readonly<Record<string, string | undefined>>;
	/** Where the process that exchanges the program says what it does. */
	readonly outputFile: string;
}

/**
 * Has the work done by processes of its own: what downloads and verifies an executable takes hundreds of megabytes for
 * a moment, and what exchanges the program has to outlive it.
 */
export class ProcessInstaller implements Installer {
	#staged: { readonly version: string | undefined } | undefined;

	constructor(private readonly options: ProcessInstallerOptions) {}

	staged(): string | undefined {
		this.#staged ??= { version: this.#readStaged() };
		return this.#staged.version;
	}

	async stage(version: string): Promise<string> {
		const { world, env } = this.options;
		const { promise, resolve, reject } = Promise.withResolvers<string>();
		let output = "";
		let isLate = false;
		const child = world.processes.startPiped([...this.#command(), "stage", version, "--json"], {
			env,
			onOutput(bytes) {
				output = (output + new TextDecoder().decode(bytes)).slice(0, MAX_OUTPUT_CHARS);
			},
			onExit({ exitCode, lastWords }) {
				if (exitCode === 0) resolve(output.trim());
				else if (isLate) reject(new UpdateProblem(`no answer within ${STAGING_TIMEOUT_MS / 60_000} minutes`));
				else reject(new UpdateProblem(errorIn(output) ?? (lastWords || "the process that updates has ended")));
			},
		});
		child.closeInput();
		const timer = world.timers.after(STAGING_TIMEOUT_MS, () => {
			isLate = true;
			child.kill();
		});
		try {
			return await promise;
		} finally {
			timer.cancel();
			this.#staged = undefined;
		}
	}

	beginApplying(): void {
		const { world, root, env, outputFile } = this.options;
		const command = [...outsideOfService(env), ...this.#command(), "apply", "--path", root, "--json"];
		world.processes.startDetached(command, {
			env,
			stdoutFile: outputFile,
			stderrFile: outputFile,
		});
	}

	#readStaged(): string | undefined {
		try {
			return this.options.readStaged();
		} catch {
			// Nothing can lie where nothing can be looked at.
			return undefined;
		}
	}

	#command(): readonly string[] {
		if (!this.options.command) throw new UpdateProblem(FROM_SOURCES);
		return this.options.command;
	}
}

/** With a service of systemd all that it started ends, so what has to outlive it is started as a unit of its own. */
function outsideOfService(env: ProcessInstallerOptions["env"]): string[] {
	if (env.INVOCATION_ID === undefined) return [];
	const kept = Object.keys(env).filter((name) => /^(?:HOME|PATH|SIGNET_\w+)$/.test(name));
	return ["systemd-run", "--user", "--collect", "--quiet", ...kept.map((name) => `--setenv=${name}`), "--"];
}

/** What a command of ours says went wrong, when it was asked to say so as JSON. */
function errorIn(output: string): string | undefined {
	try {
		return z.object({ error: z.string() }).parse(JSON.parse(output)).error;
	} catch (error) {
		return output === "" ? undefined : messageOf(error);
	}
}
