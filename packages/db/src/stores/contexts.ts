import sql from "sql-template-tag";
import type { Reader, Writer } from "../database.ts";
import { list } from "../sqlite/list.ts";

/** Where a document stands in a conversation, and what kind of thing it says. */
export interface DocumentContext {
	/** A hash of the session's name; null outside of any. */
	readonly session: number | null;
	/** Documents of a session are in the order of these three. */
	readonly place: number;
	readonly stored: number;
	readonly chunk: number;
	/** A hash of the name that the speaker is called by; 0 when nobody is named. */
	readonly speaker: number;
	/** Bits, whose meaning the store does not know. */
	readonly marks: number;
}

/** The documents on either side in a session; 0 where there is none. */
export interface Neighbours {
	readonly before: number;
	readonly after: number;
}

/** Say where a document stands. */
export async function putContext(writer: Writer, doc: number, context: DocumentContext): Promise<void> {
	const { session, place, stored, chunk, speaker, marks } = context;
	await writer.run(sql`
		INSERT OR REPLACE INTO sgn_contexts (doc, session, place, stored, chunk, speaker, marks)
		VALUES (${doc}, ${session}, ${place}, ${stored}, ${chunk}, ${speaker}, ${marks})`);
}

/** The neighbours of a place in a session. */
export async function neighboursOf(reader: Reader, context: DocumentContext): Promise<Neighbours> {
	const { session, place, stored, chunk } = context;
	if (session === null) return { before: 0, after: 0 };
	const before = await reader.get<{ doc: number }>(sql`
		SELECT doc FROM sgn_contexts
		WHERE session = ${session} AND (place, stored, chunk) < (${place}, ${stored}, ${chunk})
		ORDER BY place DESC, stored DESC, chunk DESC LIMIT 1`);
	const after = await reader.get<{ doc: number }>(sql`
		SELECT doc FROM sgn_contexts
		WHERE session = ${session} AND (place, stored, chunk) > (${place}, ${stored}, ${chunk})
		ORDER BY place, stored, chunk LIMIT 1`);
	return { before: before?.doc ?? 0, after: after?.doc ?? 0 };
}

/** Where documents stand, by their numbers; those that stand nowhere are left out. */
export async function contextsOf(reader: Reader, docs: readonly number[]): Promise<Map<number, DocumentContext>> {
	const rows = await reader.all<DocumentContext & { doc: number }>(sql`
		SELECT doc, session, place, stored, chunk, speaker, marks FROM sgn_contexts WHERE doc IN ${list(docs)}`);
	return new Map(rows.map(({ doc, ...context }) => [doc, context]));
}

/** A context within a session. */
export interface OrderedContext extends Omit<DocumentContext, "session"> {
	readonly doc: number;
	readonly session: number;
}

/** Contexts within sessions, in order, after a given one. */
export function orderedContexts(
	reader: Reader,
	after: OrderedContext | undefined,
	limit: number,
): Promise<OrderedContext[]> {
	const { session = -1, place = 0, stored = 0, chunk = 0 } = after ?? {};
	return reader.all<OrderedContext>(sql`
		SELECT doc, session, place, stored, chunk, speaker, marks FROM sgn_contexts
		WHERE session IS NOT NULL AND (session, place, stored, chunk) > (${session}, ${place}, ${stored}, ${chunk})
		ORDER BY session, place, stored, chunk LIMIT ${limit}`);
}

/** What documents outside of any session say, in the order of their numbers, after a given one. */
export function looseContexts(
	reader: Reader,
	afterDoc: number,
	limit: number,
): Promise<{ doc: number; stored: number; speaker: number; marks: number }[]> {
	return reader.all(sql`
		SELECT doc, stored, speaker, marks FROM sgn_contexts WHERE doc > ${afterDoc} AND session IS NULL ORDER BY doc LIMIT ${limit}`);
}
