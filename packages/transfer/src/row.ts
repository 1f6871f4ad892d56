import type { PortableRow, PortableTable } from "@signet/db";
import type { RememberRequest } from "@signet/memory";

/** Rows of our own tables, in the order in which they can be taken in: what refers to something comes after it. */
export const CARRIED = ["memory", "event", "entity", "relation", "mention"] as const;
export type Carried = (typeof CARRIED)[number];

/** The tables whose rows are carried as they are. */
export const TABLE_OF = {
	memory: "memories",
	event: "memory_history",
	entity: "entities",
	relation: "relations",
	mention: "memory_entity_mentions",
} as const satisfies Record<Carried, PortableTable>;

/** A row on its way in. `key` says where it comes from: a line, a file, an id. */
export type TransferRow =
	| { readonly kind: "text"; readonly key: string; readonly memory: RememberRequest }
	| { readonly kind: Carried; readonly key: string; readonly row: PortableRow };

/** What became of a row: kept, known already, or refused with the reason. */
export interface Taken {
	readonly outcome: "kept" | "merged" | "refused";
	readonly why?: string;
	/** Of the memory that stands for it here. */
	readonly id?: string;
	/** Merged, and what is here has got tags or a project of it that it did not have. */
	readonly isJoined?: true;
	/** Another memory says that at the moment: when the import is through, the row may be kept if it is sent again. */
	readonly isHeldUp?: true;
}
