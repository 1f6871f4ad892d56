import type { ExitCode } from "@signet/core";
import { changeEach, findAll, showChanges } from "../change.ts";
import { connect } from "../client.ts";
import type { CommonOptions } from "../environment.ts";

export interface RecoverOptions extends CommonOptions {
	readonly reason: string;
}

/** `signet recover ID ...`: bring forgotten memories back. */
export async function recover(ids: readonly string[], options: RecoverOptions): Promise<ExitCode> {
	const client = connect(options);
	const memories = await findAll(client, ids, { isForgottenToo: true });
	const { reason } = options;
	const results = await changeEach(memories, ({ id, version }) =>
		client.post(`/api/memory/${encodeURIComponent(id)}/recover`, { reason, if_version: version }),
	);
	return showChanges(results, "is back", options);
}

/** `signet restore ID VERSION`: make a memory again what it was. */
export async function restore(id: string, version: string, options: RecoverOptions): Promise<ExitCode> {
	const client = connect(options);
	const memories = await findAll(client, [id]);
	const { reason } = options;
	const results = await changeEach(memories, (memory) =>
		client.post(`/api/memory/${encodeURIComponent(memory.id)}/restore`, {
			reason,
			version: Number(version),
			if_version: memory.version,
		}),
	);
	return showChanges(results, `is again what it was at version ${version}`, options);
}
