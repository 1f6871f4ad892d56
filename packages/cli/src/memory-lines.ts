import type { memoryAnswer } from "./answers.ts";
import { SHORT_ID } from "./find-memory.ts";
import { table } from "./terminal.ts";

type Memory = ReturnType<typeof memoryAnswer.parse>;

/** Memories in a line each, to be seen before something happens to them. */
export function memoryLines(memories: readonly Memory[]): string {
	return table(
		[{ title: "id" }, { title: "type" }, { title: "memory", isFlexible: true }],
		memories.map(({ id, type, pinned, content }) => [id.slice(0, SHORT_ID), type, `${pinned ? "★ " : ""}${content}`]),
	);
}
