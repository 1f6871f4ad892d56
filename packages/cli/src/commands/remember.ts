import { ExitCode } from "@signet/core";
import { rememberAnswer } from "../answers.ts";
import { connect } from "../client.ts";
import { type CommonOptions, typed } from "../environment.ts";
import { CommandError } from "../failure.ts";
import { plural, style } from "../terminal.ts";

export interface RememberOptions extends CommonOptions {
	readonly who: string;
	readonly tags?: string;
	readonly importance?: number;
	readonly critical?: boolean;
	readonly project?: string;
	readonly type?: string;
	readonly revive?: boolean;
}

/** `signet remember TEXT ...`; `-`, or nothing where something is piped in, reads the text from standard input. */
export async function remember(words: readonly string[], options: RememberOptions): Promise<ExitCode> {
	const isPiped = words.length === 0 ? !process.stdin.isTTY : words.length === 1 && words[0] === "-";
	const content = isPiped ? await Bun.stdin.text() : words.join(" ");
	if (content.trim() === "")
		throw new CommandError(
			"There is nothing to remember",
			ExitCode.usage,
			`Try: ${typed('remember "something worth keeping"')}`,
		);
	const { who, tags, importance, project, type } = options;
	const answer = rememberAnswer.parse(
		await connect(options).post("/api/memory/remember", {
			content,
			who,
			tags,
			importance,
			project,
			type,
			merge: true,
			...(options.revive && { revive: true }),
			...(options.critical && { pinned: true, importance: importance ?? 1 }),
		}),
	);
	if (options.json) console.log(JSON.stringify(answer, null, 2));
	else console.log(`${style.good("✓")} ${outcome(answer)} ${style.dim(details(answer))}\n  ${style.dim(answer.id)}`);
	return ExitCode.ok;
}

type Answer = ReturnType<typeof rememberAnswer.parse>;

function outcome({ deduped, merged, updated }: Answer): string {
	if (merged) return "Known already, and has got what else was said of it";
	if (deduped) return "Known already, and left as it is";
	return updated ? "Changed" : "Remembered";
}

function details({ type, tags, pinned, importance, embedded, chunk_count }: Answer): string {
	const parts = [type, `importance ${importance}`];
	if (pinned) parts.push("pinned");
	if (tags) parts.push(`tags ${tags}`);
	if (chunk_count) parts.push(plural(chunk_count, "chunk", "chunks"));
	if (!embedded) parts.push("its vector follows");
	return `(${parts.join(", ")})`;
}
