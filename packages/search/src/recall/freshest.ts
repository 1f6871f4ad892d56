import { parseTime } from "@signet/core";
import { contextsOf, type Reader, type ShownMemory } from "@signet/db";
import type { Conversations } from "../conversation/conversations.ts";
import { speakerHash } from "../conversation/document-context.ts";
import type { Question } from "../lexical/question.ts";
import type { WordScorer } from "../lexical/word-scorer.ts";
import { freshFirst } from "../ranking/freshness.ts";
import type { RankedDocument } from "../ranking/signet.ts";

const MAX_LOOKED_AT = 10;

/** What was found, with what holds now before what it has taken the place of. */
export async function freshest(
	reader: Reader,
	ranked: readonly RankedDocument[],
	{
		question,
		scorer,
		conversations,
		rows,
	}: {
		question: Question;
		scorer: WordScorer;
		conversations: Conversations;
		rows: ReadonlyMap<string, ShownMemory>;
	},
): Promise<RankedDocument[]> {
	if (ranked.length < 2) return [...ranked];
	const contexts = await contextsOf(
		reader,
		ranked.slice(0, MAX_LOOKED_AT).map(({ doc }) => doc),
	);
	const { asksWhich, asksWhere } = question;
	const named = new Set(question.names.map(speakerHash));
	return freshFirst(ranked, {
		scorer,
		conversations,
		asked: { asksWhich, asksWhere, looksFor: (word) => scorer.looksFor(word) },
		isNamed: (speaker) => named.has(speaker),
		statementOf({ doc, memoryId, span }) {
			const row = rows.get(memoryId);
			const context = contexts.get(doc);
			if (!row || !context) return undefined;
			const { session, place, stored } = context;
			const createdMs = parseTime(row.created_at) ?? 0;
			const text = span ? row.content.slice(span.start, span.end) : row.content;
			return { createdMs, session, place, stored, project: row.project, text };
		},
	});
}
