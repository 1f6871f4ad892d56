import { ExitCode } from "@signet/core";
import { recallAnswer } from "../answers.ts";
import { connect } from "../client.ts";
import { type CommonOptions, typed } from "../environment.ts";
import { CommandError } from "../failure.ts";
import { SHORT_ID } from "../find-memory.ts";
import { printable, style, terminalWidth, wrap } from "../terminal.ts";

export interface RecallOptions extends CommonOptions {
	readonly limit: number;
	readonly type?: string;
	readonly tags?: string;
	readonly who?: string;
	readonly project?: string;
	readonly since?: string;
	readonly until?: string;
	readonly minScore?: number;
	readonly context?: number;
	readonly explain?: boolean;
}

const MAX_TEXT_WIDTH = 100;

/** `signet recall QUESTION ...`: with `--json` the list of results, and the whole answer with `--explain` too. */
export async function recall(words: readonly string[], options: RecallOptions): Promise<ExitCode> {
	const query = words.join(" ");
	if (query.trim() === "")
		throw new CommandError("There is nothing to ask", ExitCode.usage, `Try: ${typed('recall "what is known of it?"')}`);
	const { limit, type, tags, who, project, since, until, minScore, context, explain } = options;
	const raw = await connect(options).post("/api/memory/recall", {
		query,
		limit,
		type,
		tags,
		who,
		project,
		since,
		until,
		min_score: minScore,
		context,
		explain,
	});
	const answer = recallAnswer.parse(raw);
	if (options.json) {
		// The list has no place for it.
		if (answer.degraded && !explain) console.error(`signet: by words alone: ${answer.degraded}`);
		if (answer.abstain && !explain) console.error(`signet: nothing sure is known about that`);
		console.log(JSON.stringify(explain ? raw : answer.results, null, 2));
	} else {
		const isFiltered = [type, tags, who, project, since, until].some((value) => value !== undefined);
		show(
			answer,
			isFiltered ? "Nothing is known about that among what the filters leave" : "Nothing is known about that",
		);
		if (answer.results.length === 0 && project) {
			console.log(style.dim("--project takes the whole name of a project, as answers show it after `in`."));
		}
	}
	return ExitCode.ok;
}

type Answer = ReturnType<typeof recallAnswer.parse>;
type Turn = NonNullable<Answer["results"][number]["context"]>["before"][number];

function show({ results, degraded, confidence, abstain, explain }: Answer, nothing: string): void {
	if (degraded) console.log(`${style.warn("!")} By words alone: ${degraded}\n`);
	if (abstain && results.length > 0) console.log(`${style.warn("!")} Nothing sure is known about that; the nearest:\n`);
	console.log(results.length === 0 ? nothing : results.map(describe).join("\n\n"));
	if (explain) console.log(`\n${describeSearch(explain, confidence)}`);
}

function describe(result: Answer["results"][number]): string {
	const percent = `${Math.round(result.score * 100)}%`.padStart(4);
	const about = [
		result.created_at.slice(0, 10),
		result.type,
		result.who,
		result.project && `in ${result.project}`,
		result.source,
	]
		.filter(Boolean)
		.map((part) => printable(String(part)))
		.join(" · ");
	const marks = [
		result.superseded_by && `superseded by ${result.superseded_by.slice(0, SHORT_ID)}`,
		result.pinned && "★ pinned",
		result.tags && `[${printable(result.tags)}]`,
	]
		.filter(Boolean)
		.join(" ");
	const head = `${style.accent(percent)}  ${style.dim(about)}${marks ? ` ${style.warn(marks)}` : ""}`;
	const width = Math.min(MAX_TEXT_WIDTH, terminalWidth() - 6);
	const parts = Object.entries(result.explain ?? {}).map(
		([name, value]) => `${name} ${value === null ? "–" : value.toFixed(3)}`,
	);
	const { before = [], after = [] } = result.context ?? {};
	const beside = ({ who, content }: Turn) => style.dim(wrap(`${who ?? "somebody"}: ${content}`, width - 2, "      │ "));
	const lines = [
		head,
		...before.map(beside),
		wrap(result.snippet ?? result.content, width, "      "),
		...after.map(beside),
		`      ${style.dim(result.id)}`,
	];
	if (parts.length > 0) lines.push(`      ${style.dim(parts.join("  "))}`);
	return lines.join("\n");
}

function describeSearch(
	{ profile, words, model, candidates, timingsMs }: NonNullable<Answer["explain"]>,
	confidence: number | undefined,
): string {
	const searched = words.map(({ word, documents }) => (documents === undefined ? word : `${word} (${documents})`));
	const timings = Object.entries(timingsMs).map(([stage, ms]) => `${stage} ${ms} ms`);
	return style.dim(
		[
			`${confidence === undefined ? "" : `confidence ${confidence}, `}profile ${profile}, vectors ${model ?? "none"}, candidates ${candidates.lexical} by words and ${candidates.vector} by vectors`,
			`words ${searched.join(", ") || "none"}`,
			`time ${timings.join(", ")}`,
		].join("\n"),
	);
}
