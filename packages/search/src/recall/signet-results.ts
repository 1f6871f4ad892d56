import type { Reader, ShownMemory } from "@signet/db";
import type { RankedDocument } from "../ranking/signet.ts";
import { type ContextTurn, type RecallResult, type ResultSource, shapeRow } from "./answer.ts";
import type { Enquiry } from "./answer-enquiry.ts";
import type { Corpus } from "./corpus.ts";
import { neighbouringTurns } from "./neighbouring-turns.ts";

/** What was found as it is answered. */
export async function shapeResults(
	reader: Reader,
	{ conversations }: Corpus,
	{ request: { filter, explain, context: count = 0 }, truncateChars }: Enquiry,
	{
		ranked,
		rows,
		scoreOf,
	}: {
		ranked: readonly RankedDocument[];
		rows: ReadonlyMap<string, ShownMemory>;
		scoreOf: (document: RankedDocument) => number;
	},
): Promise<RecallResult[]> {
	const docs = ranked.map(({ doc }) => doc);
	const turns = count > 0 ? await neighbouringTurns(reader, conversations, docs, { count, filter }) : undefined;
	const turnOf = (row: ShownMemory): ContextTurn => {
		const { id, content, truncated, who, created_at } = shapeRow(row, { score: 0, source: "keyword", truncateChars });
		return { id, content, truncated, who, created_at };
	};
	return ranked.flatMap((document): RecallResult[] => {
		const row = rows.get(document.memoryId);
		if (!row) return [];
		const { span, supersededBy } = document;
		const beside = turns?.get(document.doc);
		return [
			{
				...shapeRow(row, { score: scoreOf(document), source: sourceOf(document), truncateChars }),
				...(span && { snippet: row.content.slice(span.start, span.end) }),
				...(supersededBy !== undefined && { superseded_by: supersededBy }),
				...(beside && { context: { before: beside.before.map(turnOf), after: beside.after.map(turnOf) } }),
				...(explain && { explain: explanationOf(document) }),
			},
		];
	});
}

function explanationOf(document: RankedDocument): Record<string, number | null> {
	const { lexical, context, similarity, weight, session, evidence, isRule, isFresher } = document;
	const why = { ...(isRule && { rule: 1 }), ...(isFresher && { fresher: 1 }) };
	const parts = { lexical, context, similarity, weight, session, evidence, ...why };
	return Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, threeDecimals(part)]));
}

function sourceOf({ lexical, similarity, context }: RankedDocument): ResultSource {
	if (lexical === undefined && context === 0) return "vector";
	return similarity !== undefined && similarity > 0 ? "hybrid" : "keyword";
}

function threeDecimals(part: number | undefined): number | null {
	return part === undefined ? null : Math.round(1_000 * part) / 1_000;
}
