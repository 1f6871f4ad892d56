import { ExitCode } from "@signet/core";
import { listAnswer } from "./answers.ts";
import { type DaemonClient, RefusedError } from "./client.ts";
import { typed } from "./environment.ts";
import { CommandError } from "./failure.ts";

/** How much of an id is shown, and most often enough to name it. */
export const SHORT_ID = 8;

/**
 * The memory that a person means: by its id, or by the beginning of one. Forgotten ones are found when they are asked
 * for. Throws when there is none, or more than one.
 */
export async function findMemory(
	client: DaemonClient,
	id: string,
	{ isForgottenToo = false }: { isForgottenToo?: boolean } = {},
): Promise<unknown> {
	const standing = isForgottenToo ? { include_deleted: true } : {};
	const read = (whole: string) => client.get(`/api/memory/${encodeURIComponent(whole)}?${queryString(standing)}`);
	try {
		return await read(id);
	} catch (error) {
		if (!(error instanceof RefusedError && error.status === 404)) throw error;
	}
	const page = await client.get(`/api/memories?${queryString({ id_prefix: id, limit: 2, ...standing })}`);
	const [only, another] = listAnswer.parse(page).memories;
	if (!only)
		throw new CommandError(`There is no memory ${id}`, ExitCode.notFound, `\`${typed("list")}\` shows what there is.`);
	if (another) throw new CommandError(`More than one memory begins with ${id}`, ExitCode.usage, "Give more of its id.");
	return read(only.id);
}

/** Parameters as they stand in an address; what is undefined is left out. */
export function queryString(values: Readonly<Record<string, string | number | boolean | undefined>>): string {
	const parameters = new URLSearchParams();
	for (const [name, value] of Object.entries(values)) if (value !== undefined) parameters.set(name, String(value));
	return parameters.toString();
}
