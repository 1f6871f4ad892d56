import { ExitCode, formatTags, parseTags, splitTags } from "@signet/core";
import { changeEach, findAll, type Memory, showChanges } from "../change.ts";
import { connect } from "../client.ts";
import { type CommonOptions, typed } from "../environment.ts";
import { CommandError } from "../failure.ts";

export interface TagOptions extends CommonOptions {
	readonly remove?: string;
	readonly set?: string;
}

/** `signet pin ID ...` and `signet unpin ID ...`. */
export function pin(ids: readonly string[], pinned: boolean, options: CommonOptions): Promise<ExitCode> {
	return patchEach(ids, () => ({ pinned }), pinned ? "pinned" : "unpinned", options);
}

/** `signet tag ID TAG ...`: add tags, take tags away, or set them all. */
export function tag(id: string, added: readonly string[], options: TagOptions): Promise<ExitCode> {
	const { remove, set } = options;
	if (added.length === 0 && remove === undefined && set === undefined) {
		throw new CommandError(
			"No tag is named",
			ExitCode.usage,
			`Try: ${typed(`tag ${id} work`)}, or --remove work, or --set work,home`,
		);
	}
	const removed = new Set(splitTags(remove ?? ""));
	const tagsOf = ({ tags }: Memory) =>
		[...new Set([...(set === undefined ? parseTags(tags) : splitTags(set)), ...splitTags(added.join(","))])].filter(
			(each) => !removed.has(each),
		);
	return patchEach([id], (memory) => ({ tags: formatTags(tagsOf(memory)) ?? "" }), "tagged", options);
}

/** Nobody's change in between is undone: the version that was read is the one that is changed. */
async function patchEach(
	ids: readonly string[],
	patchOf: (memory: Memory) => object,
	done: string,
	options: CommonOptions,
): Promise<ExitCode> {
	const client = connect(options);
	const memories = await findAll(client, ids);
	const results = await changeEach(memories, (memory) =>
		client.patch(`/api/memory/${encodeURIComponent(memory.id)}`, {
			...patchOf(memory),
			reason: `${done} on the command line`,
			if_version: memory.version,
		}),
	);
	return showChanges(results, done, options);
}
