import { basename, resolve } from "node:path";
import { ExitCode, messageOf } from "@signet/core";
import { ConfinedFolder, FileName, RefusedFile } from "@signet/core/files";
import { realWorld } from "@signet/core/world";
import { FORMATS, isFormat, type OpenSource, openSource, type Source } from "@signet/transfer/formats";
import { Account } from "../account.ts";
import { completeAnswer, importAnswer, importsAnswer } from "../answers.ts";
import { connect, type DaemonClient } from "../client.ts";
import { type ConfirmOptions, confirm } from "../confirm.ts";
import { typed, workspaceOf } from "../environment.ts";
import { CommandError } from "../failure.ts";
import { readFailure } from "../file-failure.ts";
import { SHORT_ID } from "../find-memory.ts";
import { ProgressBar } from "../progress-bar.ts";
import { RowSender } from "../row-sender.ts";
import { plural, printable, style, table } from "../terminal.ts";
import { undoInParts } from "../undo-in-parts.ts";

export interface ImportOptions extends ConfirmOptions {
	readonly from?: string;
	readonly dryRun?: boolean;
	readonly revive?: boolean;
	readonly list?: boolean;
	readonly undo?: string;
}

/** Names that are told of what is not taken. */
const MAX_LEFT_OUT = 20;

/** `signet import PATH`: memories of another program, with an account of every row. */
export async function importFrom(path: string | undefined, options: ImportOptions): Promise<ExitCode> {
	const client = connect(options);
	if (options.list) return list(client, options);
	if (options.undo !== undefined) return undo(client, options.undo, options);
	if (path === undefined) {
		throw new CommandError(
			"There is nothing to import",
			ExitCode.usage,
			`Name a file or folder: ${typed("import <path>")}`,
		);
	}
	const source = await open(path, options);
	try {
		return await takeIn(client, source, path, options);
	} finally {
		source.close();
	}
}

async function takeIn(client: DaemonClient, source: Source, path: string, options: ImportOptions): Promise<ExitCode> {
	const account = new Account();
	const isDryRun = options.dryRun ?? false;
	const begun = { source: basename(resolve(path)), format: source.format, ...(isDryRun && { dry_run: true }) };
	const { id } = importAnswer.parse(await client.post("/api/imports", begun));
	const sender = new RowSender(client, account, { id, isRevived: options.revive ?? false });
	await take(
		source,
		path,
		sender,
		account,
		new ProgressBar(isDryRun ? "reading" : "importing", { isQuiet: options.json ?? false }),
	);
	const { isEmpty } = completeAnswer.parse(await client.post(`/api/imports/${id}/complete`, { account }));
	const identity = isDryRun || options.url !== undefined ? [] : await keepIdentity(source, workspaceOf(options).root);
	const leftOut = (source.leftOut?.() ?? []).slice(0, MAX_LEFT_OUT);
	const error = account.isRefused ? account.refusal(isDryRun) : undefined;
	if (options.json) {
		const told = { ...(isDryRun ? { dryRun: true } : { id }), format: source.format, account, identity, leftOut };
		console.log(JSON.stringify({ ...told, ...(error !== undefined && { error }) }, null, 2));
	} else {
		console.log(account.toText());
		for (const { name, isKept } of identity) {
			console.log(
				style.dim(isKept ? `  ${name} was put into the workspace` : `  ${name} is there already, and was left`),
			);
		}
		if (leftOut.length > 0) console.log(style.dim(`  Not taken: ${leftOut.map(printable).join(", ")}`));
		if (isDryRun) console.log(style.dim("Nothing was changed: that is what it would be."));
		else if (!isEmpty) console.log(style.dim(`To take it back: ${typed(`import --undo ${id.slice(0, SHORT_ID)}`)}`));
		else if (account.read === 0) console.log(style.dim("There was nothing in it to take."));
		else if (!account.isRefused) console.log(style.dim("Nothing of it was new: there is nothing to take back."));
		// Whoever waits for it counts on what is not there.
		if (error !== undefined) throw new CommandError(error, ExitCode.failure, "Why is told above.");
	}
	return error === undefined ? ExitCode.ok : ExitCode.failure;
}

async function open(path: string, { from }: ImportOptions): Promise<OpenSource> {
	try {
		if (from !== undefined && !isFormat(from)) {
			throw new CommandError(
				`There is no format ${from}`,
				ExitCode.usage,
				`There are ${Object.keys(FORMATS).join(", ")}.`,
			);
		}
		return await openSource(path, from);
	} catch (error) {
		if (error instanceof CommandError) throw error;
		throw new CommandError(messageOf(readFailure(error, path)), ExitCode.usage);
	}
}

/** More than this says of nobody who it is. */
const MAX_IDENTITY_BYTES = 1024 * 1024;

/** What says who an agent is comes along; what is there already says so better. */
async function keepIdentity(source: Source, root: string): Promise<{ name: string; isKept: boolean }[]> {
	const kept: { name: string; isKept: boolean }[] = [];
	const limits = { maxBytes: MAX_IDENTITY_BYTES, target: "must not exist" } as const;
	for (const { name, text } of source.identity?.() ?? []) {
		try {
			await ConfinedFolder.at(root).replace(FileName.given(name), text, limits);
			kept.push({ name, isKept: true });
		} catch (error) {
			if (!(error instanceof RefusedFile) || error.refusal !== "file_exists") throw error;
			kept.push({ name, isKept: false });
		}
	}
	return kept;
}

async function take(
	source: Source,
	path: string,
	sender: RowSender,
	account: Account,
	bar: ProgressBar,
): Promise<void> {
	const { progress } = source;
	try {
		bar.show("…", undefined, realWorld.clock.monotonicMs());
		for await (const found of source.read()) {
			if (!(await sender.add(found))) continue;
			const share = progress.total > 0 ? progress.done / progress.total : undefined;
			bar.show(plural(account.read, "row", "rows"), share, realWorld.clock.monotonicMs());
		}
		await sender.end();
	} catch (error) {
		if (error instanceof CommandError) throw error;
		throw new CommandError(
			messageOf(readFailure(error, path)),
			ExitCode.failure,
			`What was taken stays: ${typed("import --list")} shows it.`,
		);
	} finally {
		bar.end();
	}
}

async function list(client: DaemonClient, { json }: ImportOptions): Promise<ExitCode> {
	const raw = await client.get("/api/imports");
	if (json) {
		console.log(JSON.stringify(raw, null, 2));
		return ExitCode.ok;
	}
	const { imports } = importsAnswer.parse(raw);
	if (imports.length === 0) console.log("Nothing was imported yet");
	else {
		console.log(
			table(
				[
					{ title: "id" },
					{ title: "when (UTC)" },
					{ title: "format" },
					{ title: "state" },
					{ title: "source", isFlexible: true },
				],
				imports.map(({ id, startedAt, completedAt, undoneAt, isEmpty, format, source }) => [
					id.slice(0, SHORT_ID),
					startedAt.slice(0, 16).replace("T", " "),
					format,
					stateOf({ completedAt, undoneAt, isEmpty }),
					source,
				]),
			),
		);
	}
	return ExitCode.ok;
}

function stateOf({ completedAt, undoneAt, isEmpty }: Omit<Import, "id">): string {
	if (undoneAt) return "undone";
	if (!completedAt) return "broken off";
	return isEmpty ? "nothing new" : "complete";
}

type Import = Pick<
	ReturnType<typeof importsAnswer.parse>["imports"][number],
	"id" | "completedAt" | "undoneAt" | "isEmpty"
>;

async function undo(client: DaemonClient, prefix: string, options: ImportOptions): Promise<ExitCode> {
	const { imports } = importsAnswer.parse(await client.get("/api/imports?limit=1000"));
	const [meant, another] = imports.filter(({ id }) => id.startsWith(prefix));
	if (!meant)
		throw new CommandError(`There is no import ${prefix}`, ExitCode.notFound, `See \`${typed("import --list")}\`.`);
	if (another)
		throw new CommandError(`More than one import begins with ${prefix}`, ExitCode.usage, "Give more of its id.");
	if (meant.isEmpty) {
		const why = meant.undoneAt ? "it was taken back already" : "it had brought nothing new";
		if (options.json) console.log(JSON.stringify({ id: meant.id, undone: 0, left: 0 }, null, 2));
		else console.log(`There is nothing to take back: ${why}`);
		return ExitCode.ok;
	}
	await confirm(`Take back what was imported from ${meant.source}?`, options);
	const { undone, left } = await undoShown(client, meant.id, options);
	if (options.json) console.log(JSON.stringify({ id: meant.id, undone, left }, null, 2));
	else {
		const rest = left > 0 ? `; ${left} left as they are, since they were changed meanwhile` : "";
		console.log(`${style.good("✓")} ${plural(undone, "row", "rows")} taken back${rest}`);
	}
	return ExitCode.ok;
}

async function undoShown(client: DaemonClient, id: string, { json }: ImportOptions) {
	const bar = new ProgressBar("undoing", { isQuiet: json ?? false });
	const { clock } = realWorld;
	try {
		return await undoInParts(client, id, clock, ({ done, all }) => {
			const share = all === undefined || all === 0 ? undefined : done / all;
			const text = all === undefined ? "…" : `${done.toLocaleString("en")} of ${plural(all, "row", "rows")}`;
			bar.show(text, share, clock.monotonicMs());
		});
	} finally {
		bar.end();
	}
}
