import { areaUnderCurve, falseInjections } from "./abstention.ts";
import { halfWidth } from "./bootstrap.ts";
import type { Conversation } from "./conversation.ts";
import { CUTS, mean } from "./metrics.ts";
import { type AllJudged, BUDGETS, type Judged, type Variant } from "./run.ts";

export interface Report {
	readonly conversations: readonly Conversation[];
	/** Each conversation in a home of its own. */
	readonly judged: AllJudged;
	/** All of them in one home. */
	readonly pooled: AllJudged;
	/** Kinds that make up the row "together"; all of them, when it is left out. */
	readonly together: readonly string[] | undefined;
	readonly seconds: number;
	/** Of what was read. */
	readonly digest: string;
}

/** Everything about a data set, as percentages; behind some ± what half of 95 % of resamples stay within. */
export function report({ conversations, judged, pooled, together, seconds, digest }: Report): string {
	const messages = conversations.reduce((sum, conversation) => sum + conversation.messages.length, 0);
	const questions = conversations.reduce((sum, conversation) => sum + conversation.questions.length, 0);
	const isCounted = ({ kind }: Judged) => together?.includes(kind) ?? true;
	return [
		`${conversations.length} conversations; ${messages} messages, ${questions} questions with a label; data ${digest}; embedded model; ${seconds.toFixed(0)} s`,
		"### Each conversation in a home of its own",
		recallTable(judged, isCounted, true),
		"### All conversations in one home",
		recallTable(pooled, isCounted, false),
		"### Recall by room in the prompt, knowing that nothing is known, and what holds now",
		promptTable(judged, isCounted),
	].join("\n\n");
}

function recallTable(all: AllJudged, isCounted: (judged: Judged) => boolean, hasKinds: boolean): string {
	const lines = table(["profile", "legs", "kind", "n", ...CUTS.map((k) => `recall@${k}`), "nDCG@10", "MRR"], 3);
	for (const [variant, judged] of all) {
		const kinds = hasKinds ? [...new Set(judged.map(({ kind }) => kind))].sort() : [];
		const rows = kinds.map((kind) => [kind, judged.filter((one) => one.kind === kind)] as const);
		for (const [kind, some] of [...rows, ["**together**", judged.filter(isCounted)] as const]) {
			lines.push(line([...namesOf(variant), kind, String(some.length), ...figures(some)]));
		}
	}
	return lines.join("\n");
}

function figures(judged: readonly Judged[]): string[] {
	const { recall, ndcg10, reciprocalRank } = mean(judged.map(({ metrics }) => metrics));
	const at10 = halfWidth(judged.map(({ metrics }) => metrics.recall[10] ?? 0));
	const first = halfWidth(judged.map(({ metrics }) => metrics.reciprocalRank));
	return [
		...CUTS.map((k) => percent(recall[k] ?? 0) + (k === 10 ? ` ± ${percent(at10)}` : "")),
		percent(ndcg10),
		`${percent(reciprocalRank)} ± ${percent(first)}`,
	];
}

function promptTable(all: AllJudged, isCounted: (judged: Judged) => boolean): string {
	const budgets = BUDGETS.map((budget) => `${budget} tokens`);
	const lines = table(["profile", "legs", ...budgets, "area under the curve", "told in vain", "new value first"], 2);
	for (const [variant, judged] of all) {
		const counted = judged.filter(isCounted);
		const shares = BUDGETS.map((_, at) => average(counted.map(({ withinBudget }) => withinBudget[at] ?? 0)));
		const athome = counted.flatMap(({ confidence, elsewhere }) => (elsewhere === undefined ? [] : (confidence ?? [])));
		const elsewhere = counted.flatMap((one) => one.elsewhere ?? []);
		const fresh = judged.flatMap(({ isFresh }) => (isFresh === undefined ? [] : Number(isFresh)));
		const knows =
			athome.length > 0
				? [areaUnderCurve(athome, elsewhere).toFixed(3), percent(falseInjections(athome, elsewhere))]
				: ["", ""];
		lines.push(
			line([
				...namesOf(variant),
				...shares.map(percent),
				...knows,
				fresh.length > 0 ? `${percent(average(fresh))} of ${fresh.length}` : "",
			]),
		);
	}
	return `${lines.join("\n")}

Told in vain: of questions asked of a home that does not know, those answered where nine of ten that it knows are.`;
}

function average(values: readonly number[]): number {
	return values.reduce((sum, value) => sum + value, 0) / (values.length || 1);
}

function percent(share: number): string {
	return (100 * share).toFixed(1);
}

function namesOf({ profile, legs }: Variant): string[] {
	return [profile, legs ?? "both"];
}

/** The head of a table whose first columns are words, and the others figures. */
function table(heads: readonly string[], words: number): string[] {
	return [line(heads), line(heads.map((_, at) => (at < words ? "---" : "---:")))];
}

function line(cells: readonly string[]): string {
	return `| ${cells.join(" | ")} |`;
}
