import sql, { type Sql } from "sql-template-tag";

/**
 * A list for `IN`, as one value: the statement's text is the same for every length, so that it is prepared once.
 */
export function list(values: readonly (string | number)[]): Sql {
	return sql`(SELECT value FROM json_each(${JSON.stringify(values)}))`;
}
