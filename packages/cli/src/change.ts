import { ExitCode } from "@signet/core";
import { changeAnswer, memoryAnswer } from "./answers.ts";
import { type DaemonClient, RefusedError } from "./client.ts";
import type { CommonOptions } from "./environment.ts";
import { findMemory, SHORT_ID } from "./find-memory.ts";
import { style } from "./terminal.ts";

export type Memory = ReturnType<typeof memoryAnswer.parse>;
export type Change = ReturnType<typeof changeAnswer.parse>;

/** The memories that a person means; each once. */
export async function findAll(
	client: DaemonClient,
	ids: readonly string[],
	options?: { isForgottenToo?: boolean },
): Promise<Memory[]> {
	const found = new Map<string, Memory>();
	for (const id of ids) {
		const memory = memoryAnswer.parse(await findMemory(client, id, options));
		found.set(memory.id, memory);
	}
	return [...found.values()];
}

/** Change one memory after the other; a refusal is the result of one, and does not keep the others from being changed. */
export async function changeEach(
	memories: readonly Memory[],
	change: (memory: Memory) => Promise<unknown>,
): Promise<Change[]> {
	const results: Change[] = [];
	for (const memory of memories) {
		const answer = await change(memory).catch((error: unknown) => {
			const refusal = error instanceof RefusedError ? changeAnswer.safeParse(error.answer) : undefined;
			if (!refusal?.success) throw error;
			return refusal.data;
		});
		results.push(changeAnswer.parse(answer));
	}
	return results;
}

/** Show what became of each; gives the exit status. `done` says it of one that was changed. */
export function showChanges(results: readonly Change[], done: string, { json }: CommonOptions): ExitCode {
	if (json) console.log(JSON.stringify({ results }, null, 2));
	else for (const result of results) console.log(lineOf(result, done));
	return results.every(({ success }) => success) ? ExitCode.ok : ExitCode.conflict;
}

function lineOf({ id, status, success, error, duplicateMemoryId }: Change, done: string): string {
	const name = style.dim(id.slice(0, SHORT_ID));
	if (!success) return `${style.error("✗")} ${name} ${error ?? status}${adviceFor(status, duplicateMemoryId)}`;
	return `${style.good("✓")} ${name} ${status === "no_changes" ? "was so already" : done}`;
}

function adviceFor(status: string, twin: string | undefined): string {
	if (twin !== undefined) return `: ${twin.slice(0, SHORT_ID)} says that already`;
	return status === "pinned_requires_force" ? " (say --force)" : "";
}
