import type { Conversation } from "./conversation.ts";
import { CUTS, type Metrics, mean } from "./metrics.ts";
import type { Judged, Variant } from "./run.ts";

export interface Report {
	readonly conversations: readonly Conversation[];
	readonly judged: ReadonlyMap<Variant, readonly Judged[]>;
	/** Kinds that make up the row "together"; all of them, when it is left out. */
	readonly together: readonly string[] | undefined;
	readonly seconds: number;
}

/** One table: for each profile and leg a row for each kind of question, as percentages. */
export function resultsTable({ conversations, judged, together, seconds }: Report): string {
	const messages = conversations.reduce((sum, conversation) => sum + conversation.messages.length, 0);
	const questions = conversations.reduce((sum, conversation) => sum + conversation.questions.length, 0);
	const lines = [
		`${conversations.length} conversations, each in a home of its own; ${messages} messages, ${questions} questions with a label; embedded model; ${seconds.toFixed(0)} s`,
		"",
		line(["profile", "legs", "kind", "n", ...CUTS.map((k) => `recall@${k}`), "nDCG@10", "MRR"]),
		line(["---", "---", "---", "---:", ...CUTS.map(() => "---:"), "---:", "---:"]),
	];
	for (const [{ profile, legs = "both" }, all] of judged) {
		const kinds = [...new Set(all.map(({ kind }) => kind))].sort();
		const rows = kinds.map((kind) => [kind, all.filter((one) => one.kind === kind)] as const);
		const whole = all.filter(({ kind }) => together?.includes(kind) ?? true);
		for (const [kind, some] of [...rows, ["**together**", whole] as const]) {
			lines.push(
				line([profile, legs, kind, String(some.length), ...percentages(mean(some.map(({ metrics }) => metrics)))]),
			);
		}
	}
	return lines.join("\n");
}

function percentages({ recall, ndcg10, reciprocalRank }: Metrics): string[] {
	return [...CUTS.map((k) => recall[k] ?? 0), ndcg10, reciprocalRank].map((share) => (100 * share).toFixed(1));
}

function line(cells: readonly string[]): string {
	return `| ${cells.join(" | ")} |`;
}
