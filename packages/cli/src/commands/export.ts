import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { ExitCode, isoTime } from "@signet/core";
import { realWorld } from "@signet/core/world";
import {
	BUNDLE_FILES,
	BUNDLE_VERSION,
	type BundleWriter,
	CARRIED,
	ExportSelection,
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
	if (existsSync(target) && (isOneFile(target) || readdirSync(target).length > 0)) {
		throw new CommandError(`${target} is there already`, ExitCode.conflict, "Name another place, or remove it first.");
	}
	const bundle = await writeBundle(target);
	const counts = await writeRows(connect(options), bundle, options);
	for (const [name, text] of options.url === undefined ? identityOf(workspaceOf(options).root) : []) {
		bundle.append(`identity/${name}`, text);
	}
	const manifest = {
		version: BUNDLE_VERSION,
		exportedAt,
		stats: {
			memories: counts.memory,
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
		const { memory, event } = counts;
		console.log(`${style.good("✓")} ${plural(memory, "memory", "memories")} with ${plural(event, "event", "events")}`);
		console.log(`  ${target}`);
	}
	return ExitCode.ok;
}

type Counts = Record<(typeof CARRIED)[number], number>;

async function writeRows(client: DaemonClient, bundle: BundleWriter, { json }: CommonOptions): Promise<Counts> {
	const counts: Counts = { memory: 0, event: 0, entity: 0, relation: 0, mention: 0 };
	const selection = new ExportSelection();
	const bar = new ProgressBar("exporting", { isQuiet: json ?? false });
	for (const kind of CARRIED) {
		bundle.append(BUNDLE_FILES[kind], "");
		for (let after: number | undefined = 0; after !== undefined; ) {
			const page: ReturnType<typeof exportAnswer.parse> = exportAnswer.parse(
				await client.get(`/api/export/${kind}?after=${after}&limit=${PAGE}`),
			);
			const rows = page.rows.filter((row) => selection.take(kind, row));
			if (rows.length > 0) {
				const lines = rows.map((row) => JSON.stringify(row)).join("\n");
				bundle.append(BUNDLE_FILES[kind], counts[kind] === 0 ? lines : `\n${lines}`);
			}
			counts[kind] += rows.length;
			after = page.next;
			bar.show(plural(counts[kind], "row", "rows"), undefined, realWorld.clock.monotonicMs());
		}
	}
	bar.end();
	return counts;
}

function identityOf(root: string): [name: string, text: string][] {
	const names = IDENTITY_FILES.filter((name) => existsSync(join(root, name)));
	return names.map((name) => [name, readFileSync(join(root, name), "utf8")]);
}
