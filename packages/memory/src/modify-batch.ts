import type { Actor } from "./actor.ts";
import { changeEach } from "./batch.ts";
import { changeContext, demandThawed, type MemoryContext } from "./context.ts";
import { applyPatch, type Modified, type ModifyRequest, withVector } from "./modify.ts";

/** A patch that was not understood; it stands in the results where it stood in the request. */
export interface InvalidPatch {
	readonly id: string | null;
	readonly status: "invalid_request";
	readonly error: string;
}

/** Change several memories, in their order. With `isAtomic` all or none. Throws when memory is frozen. */
export async function modifyBatch(
	context: MemoryContext,
	requests: readonly (ModifyRequest | InvalidPatch)[],
	actor: Actor,
	{ isAtomic }: { readonly isAtomic: boolean },
): Promise<(Modified | InvalidPatch)[]> {
	demandThawed(context);
	const changing = await changeContext(context);
	const modified = await changeEach<ModifyRequest | InvalidPatch, Modified | InvalidPatch>(
		context,
		requests,
		async (writer, request) => ("error" in request ? request : applyPatch(writer, changing, request, actor)),
		{ isAtomic, isRefused: ({ status }) => status !== "updated" && status !== "no_changes" },
	);
	return Promise.all(modified.map((each) => ("error" in each ? each : withVector(context, each))));
}
