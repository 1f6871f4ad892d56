import type { PortableRow, PortableTable } from "@signet/db";
import type { RememberRequest } from "@signet/memory";

/** What a row of an import is: a text of another program, or a row of one of our own tables. */
export const KINDS = ["text", "memory", "event", "entity", "relation", "mention"] as const;
export type Kind = (typeof KINDS)[number];

/** The tables whose rows are carried as they are. */
export const TABLE_OF = {
	memory: "memories",
	event: "memory_history",
	entity: "entities",
	relation: "relations",
	mention: "memory_entity_mentions",
} as const satisfies Record<Exclude<Kind, "text">, PortableTable>;

/** A row on its way in. `key` says where it comes from: a line, a file, an id. */
export type TransferRow =
	| { readonly kind: "text"; readonly key: string; readonly memory: RememberRequest }
	| { readonly kind: Exclude<Kind, "text">; readonly key: string; readonly row: PortableRow };

/** What became of a row: kept, known already, or refused with the reason. */
export interface Taken {
	readonly outcome: "kept" | "merged" | "refused";
	readonly why?: string;
}
