import { readdirSync, rmSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { ExitCode, isoTime } from "@signet/core";
import { ConfinedFolder, FileName } from "@signet/core/files";
import { realWorld } from "@signet/core/world";
import {
	BUNDLE_FILES,
	BUNDLE_VERSION,
	type BundleWriter,
	CARRIED,
	type Carried,
	ExportSelection,
	FORGOTTEN_FILE,
	IDENTITY_FILES,
	isOneFile,
	MANIFEST,
	writeBundle,
} from "@signet/transfer/formats";
import { exportAnswer } from "../answers.ts";
import { connect, type DaemonClient } from "../client.ts";
import { type CommonOptions, workspaceOf } from "../environment.ts";
import { CommandError } from "../failure.ts";
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
	const place = statSync(target, { throwIfNoEntry: false });
	const isEmptyFolder = place?.isDirectory() && !isOneFile(target) && readdirSync(target).length === 0;
	if (place && !isEmptyFolder) {
		throw new CommandError(`${target} is there already`, ExitCode.conflict, "Name another place, or remove it first.");
	}
	try {
		return await writeAll(target, exportedAt, options);
	} catch (error) {
		// Half a bundle looks like one.
		rmSync(target, { recursive: true, force: true });
		throw error;
	}
}

async function writeAll(target: string, exportedAt: string, options: CommonOptions): Promise<ExitCode> {
	const bundle = await writeBundle(target);
	const counts = await writeRows(connect(options), bundle, options);
	for (const [name, text] of options.url === undefined ? identityOf(workspaceOf(options).root) : []) {
		bundle.append(`identity/${name}`, text);
	}
	const manifest = {
		version: BUNDLE_VERSION,
		exportedAt,
		stats: {
			memories: counts.memory - counts.forgotten,
			forgotten: counts.forgotten,
			events: counts.event,
			entities: counts.entity,
			relations: counts.relation,
			mentions: counts.mention,
			skills: 0,
		},
		checksums: bundle.checksums(),
	};
	bundle.append(MANIFEST, JSON.stringify(manifest, null, 2));
	bundle.close();
	if (options.json) console.log(JSON.stringify({ path: target, ...manifest.stats }, null, 2));
	else {
		const { memory, forgotten, event } = counts;
		const memories = plural(memory - forgotten, "memory", "memories");
		console.log(`${style.good("✓")} ${memories} and ${forgotten} forgotten, with ${plural(event, "event", "events")}`);
		console.log(`  ${target}`);
	}
	return ExitCode.ok;
}

/** Forgotten memories are counted with the memories, and for themselves. */
type Counts = Record<Carried | "forgotten", number>;

async function writeRows(client: DaemonClient, bundle: BundleWriter, { json }: CommonOptions): Promise<Counts> {
	const counts: Counts = { memory: 0, forgotten: 0, event: 0, entity: 0, relation: 0, mention: 0 };
	const selection = new ExportSelection();
	const bar = new ProgressBar("exporting", { isQuiet: json ?? false });
	for (const kind of CARRIED) {
		const file = new Lines(bundle, BUNDLE_FILES[kind]);
		const forgotten: Row[] = [];
		for (let after: number | undefined = 0; after !== undefined; ) {
			const page: ReturnType<typeof exportAnswer.parse> = exportAnswer.parse(
				await client.get(`/api/export/${kind}?after=${after}&limit=${PAGE}`),
			);
			const rows = page.rows.filter((row) => selection.take(kind, row));
			forgotten.push(...rows.filter((row) => isForgotten(kind, row)));
			file.add(rows.filter((row) => !isForgotten(kind, row)));
			counts[kind] += rows.length;
			after = page.next;
			bar.show(plural(counts[kind], "row", "rows"), undefined, realWorld.clock.monotonicMs());
		}
		if (kind !== "memory") continue;
		new Lines(bundle, FORGOTTEN_FILE).add(forgotten);
		counts.forgotten = forgotten.length;
	}
	bar.end();
	return counts;
}

type Row = Readonly<Record<string, unknown>>;

function isForgotten(kind: Carried, row: Row): boolean {
	return kind === "memory" && row.is_deleted === 1;
}

/** A file of one row in a line; there is one even without a row. */
class Lines {
	#isEmpty = true;

	constructor(
		private readonly bundle: BundleWriter,
		private readonly name: string,
	) {
		bundle.append(name, "");
	}

	add(rows: readonly Row[]): void {
		if (rows.length === 0) return;
		const lines = rows.map((row) => JSON.stringify(row)).join("\n");
		this.bundle.append(this.name, this.#isEmpty ? lines : `\n${lines}`);
		this.#isEmpty = false;
	}
}

/** More than this says of nobody who it is. */
const MAX_IDENTITY_BYTES = 1024 * 1024;

/** Not what they link to: that is somebody else's file, and would be handed on with the bundle. */
function identityOf(root: string): [name: string, text: string][] {
	const folder = ConfinedFolder.at(root, { isAnybodys: true });
	return IDENTITY_FILES.flatMap((name) => {
		const bytes = folder.readIfThere(FileName.given(name), { maxBytes: MAX_IDENTITY_BYTES });
		return bytes === undefined ? [] : [[name, bytes.toString()]];
	});
}
