import type { MemoryFilter, MemoryScope } from "@signet/core";
import type * as z from "zod/mini";
import { optionalFlag, optionalNumber, optionalTagList, optionalText, optionalTime } from "../http/fields.ts";

/** The fields by which memories are chosen, the same wherever they are. */
export const filterFields = () => ({
	type: optionalText("type"),
	tags: optionalTagList("tags"),
	who: optionalText("who"),
	project: optionalText("project"),
	source_type: optionalText("source_type"),
	pinned: optionalFlag("pinned"),
	importance_min: optionalNumber("importance_min", 0, 1),
	since: optionalTime("since"),
	until: optionalTime("until", { isEnd: true }),
});

type FilterFields = ReturnType<typeof filterFields>;
type FilterValues = { readonly [K in keyof FilterFields]: z.infer<FilterFields[K]> };

/** The filter that the fields mean, for somebody who sees that scope. */
export function filterFrom(values: FilterValues, scope: MemoryScope): MemoryFilter {
	const filter = {
		type: values.type,
		tags: values.tags,
		who: values.who,
		project: values.project,
		sourceType: values.source_type,
		pinned: values.pinned,
		importanceMin: values.importance_min,
		sinceMs: values.since,
		untilMs: values.until,
	};
	const stated = Object.entries(filter).filter(
		([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0),
	);
	return { ...Object.fromEntries(stated), scope };
}
