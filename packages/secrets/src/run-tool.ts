import { type World, within } from "@signet/core";

const MAX_OUTPUT_BYTES = 64 * 1024;

export interface ToolOptions {
	readonly env: Readonly<Record<string, string | undefined>>;
	readonly timeoutMs: number;
	/** What it is to read on its standard input. */
	readonly input?: string;
}

/**
 * What a program of the system prints, run by its absolute path and without a shell. Undefined when it is not there,
 * fails, or takes too long; then it is ended.
 */
export async function runTool(
	world: Pick<World, "processes" | "timers">,
	command: readonly string[],
	{ env, timeoutMs, input = "" }: ToolOptions,
): Promise<string | undefined> {
	const parts: Uint8Array[] = [];
	let length = 0;
	const { promise: ended, resolve } = Promise.withResolvers<{ exitCode: number | undefined }>();
	try {
		const tool = world.processes.startPiped(command, {
			env,
			onOutput(bytes) {
				length += bytes.length;
				if (length <= MAX_OUTPUT_BYTES) parts.push(bytes);
			},
			onExit: resolve,
		});
		tool.write(input);
		tool.closeInput();
		const result = await within(world.timers, timeoutMs, ended);
		if (!result) tool.kill();
		const isGood = result?.exitCode === 0 && length <= MAX_OUTPUT_BYTES;
		return isGood ? Buffer.concat(parts).toString("utf8") : undefined;
	} catch {
		return undefined;
	}
}
