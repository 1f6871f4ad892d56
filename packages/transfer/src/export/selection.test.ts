import { expect, test } from "bun:test";
import { ExportSelection } from "./selection.ts";

test("what happens while rows are read belongs to the next export", () => {
	const selection = new ExportSelection();
	const event = (memory_id: string, event: string, metadata: unknown) =>
		selection.take("event", {
			id: "e",
			memory_id,
			event,
			metadata: metadata === null ? null : JSON.stringify(metadata),
		});
	selection.take("memory", { id: "a", version: 2 });
	expect(event("a", "created", { version: 1 })).toBe(true);
	expect(event("a", "updated", { version: 2 })).toBe(true);
	expect(event("a", "updated", { version: 3 })).toBe(false);
	expect(event("a", "erased", { version: 2 })).toBe(false);
	expect(event("a", "updated", null)).toBe(true);
	expect(event("gone", "erased", { version: 4 })).toBe(true);
	selection.take("entity", { id: "n" });
	expect(selection.take("relation", { source_entity_id: "n", target_entity_id: "n" })).toBe(true);
	expect(selection.take("relation", { source_entity_id: "n", target_entity_id: "later" })).toBe(false);
	expect(selection.take("mention", { memory_id: "a", entity_id: "n" })).toBe(true);
	expect(selection.take("mention", { memory_id: "later", entity_id: "n" })).toBe(false);
});
