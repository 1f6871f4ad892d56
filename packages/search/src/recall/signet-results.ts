import type { Reader, ShownMemory } from "@signet/db";
import type { RankedDocument } from "../ranking/signet.ts";
import { type ContextTurn, type RecallResult, type ResultSource, shapeRow } from "./answer.ts";
import type { RecallContext, RecallRequest } from "./context.ts";
import { neighbouringTurns } from "./neighbouring-turns.ts";

/** What was found as it is answered. Counts it as recalled. */
export async function shapeResults(
	reader: Reader,
	{ settings, accesses, conversations }: RecallContext,
	{ filter, explain, isPreview, context: count = 0 }: RecallRequest,
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
	const truncateChars = settings().pipeline.guardrails.recallTruncateChars;
	const docs = ranked.map(({ doc }) => doc);
	const turns = count > 0 ? await neighbouringTurns(reader, conversations, docs, { count, filter }) : undefined;
	const turnOf = (row: ShownMemory): ContextTurn => {
		const { id, content, truncated, who, created_at } = shapeRow(row, { score: 0, source: "keyword", truncateChars });
		return { id, content, truncated, who, created_at };
	};
	const results = ranked.flatMap((document): RecallResult[] => {
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
	if (!isPreview) accesses.count(results.map(({ id }) => id));
	return results;
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
