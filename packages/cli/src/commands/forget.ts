import { ExitCode } from "@signet/core";
import { changeAnswer, eraseAnswer, forgetBatchAnswer, forgetPreview } from "../answers.ts";
import { type Change, changeEach, findAll, type Memory, showChanges } from "../change.ts";
import { connect, type DaemonClient, RefusedError } from "../client.ts";
import { type ConfirmOptions, confirm } from "../confirm.ts";
import { typed } from "../environment.ts";
import { CommandError } from "../failure.ts";
import { SHORT_ID } from "../find-memory.ts";
import { memoryLines } from "../memory-lines.ts";
import { plural, style } from "../terminal.ts";

export interface ForgetOptions extends ConfirmOptions {
	readonly query?: string;
	readonly type?: string;
	readonly tags?: string;
	readonly who?: string;
	readonly project?: string;
	readonly sourceType?: string;
	readonly since?: string;
	readonly until?: string;
	readonly limit: number;
	readonly force?: boolean;
	readonly erase?: boolean;
	readonly prove?: boolean;
	readonly reason: string;
}

/** So many are shown before they are forgotten. */
const SHOWN = 10;

/** `signet forget`: memories by their ids, or all that a filter chooses, after they were seen. */
export async function forget(ids: readonly string[], options: ForgetOptions): Promise<ExitCode> {
	const client = connect(options);
	refuseUnclear(ids, options);
	if (ids.length > 0)
		return options.erase || options.prove ? erase(client, ids, options) : forgetEach(client, ids, options);
	if (options.erase || options.prove) {
		throw new CommandError("What is erased for good is named one by one", ExitCode.usage, `Try: ${typed("list")}`);
	}
	return forgetChosen(client, options);
}

/** Ids and filters together would leave it open whether one or both hold; neither would choose everything. */
function refuseUnclear(ids: readonly string[], options: ForgetOptions): void {
	const { query, type, tags, who, project, sourceType, since, until } = options;
	const isFiltered = [query, type, tags, who, project, sourceType, since, until].some((value) => value !== undefined);
	if (ids.length > 0 && isFiltered) {
		throw new CommandError("Name memories by their ids or by filters, not by both", ExitCode.usage);
	}
	if (ids.length === 0 && !isFiltered) {
		const advice = `Name ids, or choose by --query, --tags, --type, --who, --project, --source-type, --since, --until.`;
		throw new CommandError("It is not said what to forget", ExitCode.usage, advice);
	}
}

async function forgetEach(client: DaemonClient, ids: readonly string[], options: ForgetOptions): Promise<ExitCode> {
	const memories = await findAll(client, ids);
	if (!options.yes) console.error(`${memoryLines(memories)}\n`);
	await confirm(`Forget ${plural(memories.length, "memory", "memories")}?`, options);
	const { reason, force } = options;
	const results = await changeEach(memories, ({ id, version }) =>
		client.delete(`/api/memory/${encodeURIComponent(id)}`, { reason, if_version: version, ...(force && { force }) }),
	);
	return showChanges(results, `forgotten; for 30 days \`${typed("recover")}\` brings it back`, options);
}

async function forgetChosen(client: DaemonClient, options: ForgetOptions): Promise<ExitCode> {
	const { query, type, tags, who, project, sourceType, since, until, limit, reason, force } = options;
	const selection = { query, type, tags, who, project, source_type: sourceType, since, until, limit };
	const preview = forgetPreview.parse(await client.post("/api/memory/forget", { mode: "preview", ...selection }));
	if (preview.candidates.length === 0) {
		if (options.json) console.log(JSON.stringify({ results: [] }, null, 2));
		else console.log("Nothing is chosen by that");
		return ExitCode.ok;
	}
	if (!options.yes) {
		const shown = preview.candidates.slice(0, SHOWN).map(({ id }) => id);
		console.error(memoryLines(await findAll(client, shown)));
		const more = preview.candidates.length - shown.length;
		console.error(style.dim(more > 0 ? `… and ${more} more\n` : ""));
		if (preview.hasMore) console.error(`That is as many as are taken at once: there are others, which stay.\n`);
	}
	await confirm(`Forget ${plural(preview.candidates.length, "memory", "memories")}?`, options);
	const { results } = forgetBatchAnswer.parse(
		await client.post("/api/memory/forget", {
			mode: "execute",
			...selection,
			reason,
			...(force && { force }),
			confirm_token: preview.confirmToken,
		}),
	);
	if (!options.json && results.length > SHOWN) return showCounts(results, preview.hasMore ?? false);
	return showChanges(results, "forgotten", options);
}

/** Of many only those are named that were not forgotten. */
function showCounts(results: readonly Change[], hasMore: boolean): ExitCode {
	const refused = results.filter(({ success }) => !success);
	if (refused.length > 0) showChanges(refused, "", {});
	console.log(`${style.good("✓")} ${plural(results.length - refused.length, "memory", "memories")} forgotten`);
	if (hasMore) console.log(style.dim("There are more: that is as many as are taken at once. Run it again."));
	return refused.length === 0 ? ExitCode.ok : ExitCode.conflict;
}

async function erase(client: DaemonClient, ids: readonly string[], options: ForgetOptions): Promise<ExitCode> {
	let memories: Memory[];
	try {
		memories = await findAll(client, ids, { isForgottenToo: true });
	} catch (error) {
		if (!(error instanceof CommandError && error.exitCode === ExitCode.notFound)) throw error;
		const [id] = ids;
		const goesOn = ids.length === 1 && id !== undefined ? await eraseOn(client, id) : undefined;
		if (goesOn) {
			if (!options.json) console.error("It was erased before, and something of it was left: that is removed now.");
			return showErased([goesOn], options);
		}
		const advice =
			"What was erased before cannot be looked for: nobody knows its text any more. --prove erases and looks.";
		throw new CommandError(error.message, error.exitCode, advice);
	}
	if (!options.yes) console.error(`${memoryLines(memories)}\n`);
	await confirm(
		`Erase ${plural(memories.length, "memory", "memories")} for good, with history and copies? Nothing brings it back.`,
		options,
	);
	const { reason, prove, force } = options;
	const changes = await changeEach(memories, ({ id }) =>
		client.post(`/api/memory/${encodeURIComponent(id)}/erase`, {
			reason,
			...(prove && { prove }),
			...(force && { force }),
		}),
	);
	return showErased(changes, options);
}

/** What became of a memory that was erased when something of it was still left: that is tried again at once. */
async function eraseOn(client: DaemonClient, id: string): Promise<Change | undefined> {
	try {
		return changeAnswer.parse(
			await client.post(`/api/memory/${encodeURIComponent(id)}/erase`, { reason: "asked again" }),
		);
	} catch (error) {
		if (error instanceof RefusedError) return undefined;
		throw error;
	}
}

function showErased(changes: readonly Change[], options: ForgetOptions): ExitCode {
	const refused = changes.filter(({ success }) => !success);
	const results = changes.filter(({ success }) => success).map((change) => eraseAnswer.parse(change));
	if (options.json) console.log(JSON.stringify({ results: changes }, null, 2));
	else {
		for (const result of results) console.log(erasureLines(result));
		if (refused.length > 0) showChanges(refused, "", {});
	}
	if (refused.length > 0) return ExitCode.conflict;
	const isClean = results.every(({ proof }) => (proof?.search.found.length ?? 0) === 0);
	return isClean ? ExitCode.ok : ExitCode.failure;
}

function erasureLines({ id, backups = [], pending, proof }: ReturnType<typeof eraseAnswer.parse>): string {
	const copies = backups.length > 0 ? `, ${plural(backups.length, "copy", "copies")} of the database too` : "";
	const lines = [`${style.good("✓")} ${style.dim(id.slice(0, SHORT_ID))} erased${copies}`];
	if (pending)
		lines.push(`  ${style.warn("something may be left for now:")} ${pending}. It is tried again until nothing is.`);
	if (proof) {
		const { texts, words, search } = proof;
		const looked = `${plural(search.bytes, "byte", "bytes")} of ${plural(search.files, "file", "files")}`;
		const rare = words > 0 ? ` and ${plural(words, "word", "words")} that no other memory has` : "";
		const sought = `${plural(texts, "text", "texts")}${rare}`;
		lines.push(`  looked for ${sought} in ${looked}`);
		lines.push(
			...search.found.map(({ file, offset }) => `  ${style.error("found")} in ${file} at byte ${offset}`),
			...search.unread.map((file) => `  ${style.warn("could not be read:")} ${file}`),
		);
		if (search.found.length > 0) lines.push("  These files are yours to change: what they say there is not erased.");
		if (search.found.length === 0) lines.push(`  ${style.good("nothing was found")}`);
	}
	return lines.join("\n");
}
