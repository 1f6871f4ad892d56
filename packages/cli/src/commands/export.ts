import { readdirSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { ExitCode, isoTime, messageOf } from "@signet/core";
import { ConfinedFolder, FileName } from "@signet/core/files";
import { realWorld } from "@signet/core/world";
import {
	type BundleStats,
	type BundleWriter,
	IDENTITY_FILES,
	isOneFile,
	type PageReader,
	writeBundle,
	writeManifest,
	writeRows,
} from "@signet/transfer/formats";
import { cleanAnswer, exportAnswer } from "../answers.ts";
import { connect, type DaemonClient } from "../client.ts";
import { type CommonOptions, workspaceOf } from "../environment.ts";
import { CommandError } from "../failure.ts";
import { readFailure, writeFailure } from "../file-failure.ts";
import { ProgressBar } from "../progress-bar.ts";
import { plural, style } from "../terminal.ts";

const PAGE = 500;

export interface ExportOptions extends CommonOptions {
	readonly output?: string;
}

/** `signet export [PATH]`: all memories with their past, into a folder, or one file whose name ends in `.zip` or `.json`. */
export async function exportTo(path: string | undefined, options: CommonOptions): Promise<ExitCode> {
	const exportedAt = isoTime(realWorld.clock.now());
	const target = resolve(path ?? `signet-export-${exportedAt.slice(0, 10)}`);
	const bundle = await begin(target).catch((error: unknown) => {
		throw writeFailure(error, target);
	});
	let stats: BundleStats;
	try {
		stats = await writeAll(bundle, exportedAt, options);
	} catch (error) {
		bundle.abandon();
		throw writeFailure(error, target);
	}
	if (options.json) console.log(JSON.stringify({ path: target, ...stats }, null, 2));
	else {
		const memories = plural(stats.memories, "memory", "memories");
		const events = plural(stats.events, "event", "events");
		console.log(`${style.good("✓")} ${memories} and ${stats.forgotten} forgotten, with ${events}`);
		console.log(`  ${target}`);
	}
	return ExitCode.ok;
}

/** Begin the bundle before anything is read: where it cannot be written, that is told at once. */
async function begin(target: string): Promise<BundleWriter> {
	const place = statSync(target, { throwIfNoEntry: false });
	const isEmptyFolder = place?.isDirectory() && !isOneFile(target) && readdirSync(target).length === 0;
	if (place && !isEmptyFolder) {
		throw new CommandError(`${target} is there already`, ExitCode.conflict, "Name another place, or remove it first.");
	}
	return writeBundle(target);
}

async function writeAll(bundle: BundleWriter, exportedAt: string, options: CommonOptions): Promise<BundleStats> {
	const client = connect(options);
	const pageOf: PageReader = async (kind, after) =>
		exportAnswer.parse(await client.get(`/api/export/${kind}?after=${after}&limit=${PAGE}`));
	const bar = new ProgressBar("exporting", { isQuiet: options.json ?? false });
	try {
		const counts = await writeRows(bundle, pageOf, (count) =>
			bar.show(plural(count, "row", "rows"), undefined, realWorld.clock.monotonicMs()),
		);
		for (const [name, text] of options.url === undefined ? identityOf(workspaceOf(options).root) : []) {
			bundle.append(`identity/${name}`, await cleaned(client, text));
		}
		const stats = writeManifest(bundle, counts, exportedAt);
		bundle.close();
		return stats;
	} finally {
		bar.end();
	}
}

/** A text without the values of secrets, of which the daemon alone knows. */
async function cleaned(client: DaemonClient, text: string): Promise<string> {
	const { texts } = cleanAnswer.parse(await client.post("/api/secrets/guard/clean", { texts: [text] }));
	return texts[0] ?? "";
}

/** More than this says of nobody who it is. */
const MAX_IDENTITY_BYTES = 1024 * 1024;

/** Not what they link to: that is somebody else's file, and would be handed on with the bundle. */
function identityOf(root: string): [name: string, text: string][] {
	const folder = ConfinedFolder.at(root, { isAnybodys: true });
	return IDENTITY_FILES.flatMap((name) => {
		const text = identityText(folder, root, name);
		return text === undefined ? [] : [[name, text]];
	});
}

function identityText(folder: ConfinedFolder, root: string, name: string): string | undefined {
	try {
		return folder.readIfThere(FileName.given(name), { maxBytes: MAX_IDENTITY_BYTES })?.toString();
	} catch (error) {
		const why = readFailure(error, resolve(root, name));
		throw new CommandError(messageOf(why), ExitCode.failure, "It is a part of what is exported: make it readable.");
	}
}
