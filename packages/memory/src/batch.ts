import { RequestError } from "@signet/core";
import type { Writer } from "@signet/db";
import type { MemoryContext } from "./context.ts";

/** Changes made within one commit: few enough that nobody waits for them noticeably. */
const CHANGES_PER_COMMIT = 25;

/** Whether a change was refused. */
type IsRefused<Result> = (result: Result) => boolean;

/**
 * Make several changes in their order. With `isAtomic` all of them or none: then one that is refused is answered as a
 * conflict with all results.
 */
export async function changeEach<Item, Result>(
	{ database, world }: Pick<MemoryContext, "database" | "world">,
	items: readonly Item[],
	change: (writer: Writer, item: Item) => Promise<Result>,
	{ isAtomic, isRefused }: { readonly isAtomic: boolean; readonly isRefused: IsRefused<Result> },
): Promise<Result[]> {
	const changeAll = async (writer: Writer, some: readonly Item[]) => {
		const results: Result[] = [];
		for (const item of some) results.push(await change(writer, item));
		return results;
	};
	if (isAtomic) {
		return database.write(async (writer) => {
			const results = await changeAll(writer, items);
			if (results.some(isRefused)) throw nothingChanged(results);
			return results;
		});
	}
	const results: Result[] = [];
	for (let at = 0; at < items.length; at += CHANGES_PER_COMMIT) {
		const some = items.slice(at, at + CHANGES_PER_COMMIT);
		results.push(...(await database.write((writer) => changeAll(writer, some))));
		await world.timers.yield();
	}
	return results;
}

function nothingChanged(results: readonly unknown[]): RequestError {
	return new RequestError(409, "batch_refused", "One of the changes is refused, so none was made", { results });
}
