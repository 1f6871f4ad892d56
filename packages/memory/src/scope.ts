import { type MemoryScope, RequestError } from "@signet/core";
import type { Draft } from "./draft.ts";

/** A draft as its writer may store it: in the project of their scope. Throws when it is meant for another one. */
export function placeInScope(draft: Draft, scope: MemoryScope): Draft {
	const { project } = scope;
	if (project === undefined) return draft;
	if (draft.project === null) return { ...draft, project };
	demandProject(draft.project, scope);
	return draft;
}

/** Throws when a project is another one than that of a scope. */
export function demandProject(project: string | null, { project: own }: MemoryScope): void {
	if (own === undefined || project === own) return;
	throw new RequestError(403, "out_of_scope", `scope restricted to project '${own}'`);
}
