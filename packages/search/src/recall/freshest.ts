import { parseTime } from "@signet/core";
import { contextsOf, type Reader, type ShownMemory } from "@signet/db";
import { speakerHash } from "../conversation/document-context.ts";
import type { Question } from "../lexical/question.ts";
import { freshFirst, MAX_LOOKED_AT } from "../ranking/freshness.ts";
import type { RankedDocument } from "../ranking/signet.ts";
import { type Found, namedAsFormer } from "./named-as-former.ts";

/** What was found, with what holds now before what it has taken the place of; with the rows of all of it. */
export async function freshest(
	reader: Reader,
	ranked: readonly RankedDocument[],
	question: Question,
	found: Found,
): Promise<{ fresh: readonly RankedDocument[]; rows: ReadonlyMap<string, ShownMemory> }> {
	if (!question.asksNow) return { fresh: ranked, rows: found.rows };
	const { further, rows } = await namedAsFormer(reader, ranked, found);
	const compared = [...ranked.slice(0, MAX_LOOKED_AT), ...further];
	if (compared.length < 2) return { fresh: ranked, rows };
	const contexts = await contextsOf(
		reader,
		compared.map(({ doc }) => doc),
	);
	const { scorer, corpus } = found;
	const { asksWhich, asksWhere } = question;
	const named = new Set(question.names.map(speakerHash));
	const fresh = freshFirst(ranked, further, {
		scorer,
		conversations: corpus.conversations,
		asked: { asksWhich, asksWhere, looksFor: (word) => scorer.looksFor(word) },
		isNamed: (speaker) => named.has(speaker),
		statementOf({ doc, memoryId, span }) {
			const row = rows.get(memoryId);
			const placed = contexts.get(doc);
			if (!row || !placed) return undefined;
			const { session, place, stored } = placed;
			const createdMs = parseTime(row.created_at) ?? 0;
			const text = span ? row.content.slice(span.start, span.end) : row.content;
			return { createdMs, session, place, stored, project: row.project, text };
		},
	});
	return { fresh, rows };
}
