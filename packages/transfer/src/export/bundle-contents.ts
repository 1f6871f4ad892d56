import { BUNDLE_FILES, BUNDLE_VERSION, FORGOTTEN_FILE, MANIFEST } from "../formats/bundle.ts";
import type { JsonObject } from "../formats/found.ts";
import { CARRIED, type Carried } from "../row.ts";
import type { BundleWriter } from "./bundle-writer.ts";
import { ExportSelection } from "./selection.ts";

/** How many rows of each kind; forgotten memories are counted with the memories, and for themselves. */
export type BundleCounts = Readonly<Record<Carried | "forgotten", number>>;

/** A page of the rows of a kind, from after a place; `next` asks for the one behind it, and is absent at the end. */
export type PageReader = (
	kind: Carried,
	after: number,
) => Promise<{ readonly rows: readonly JsonObject[]; readonly next?: number | undefined }>;

/**
 * Write all rows into the files of a bundle, one page at a time; forgotten memories into a file of their own. `onRows` is
 * told after each page how many there are of its kind so far.
 */
export async function writeRows(
	bundle: BundleWriter,
	pageOf: PageReader,
	onRows: (count: number) => void = () => undefined,
): Promise<BundleCounts> {
	const counts = { memory: 0, forgotten: 0, event: 0, entity: 0, relation: 0, mention: 0 };
	const selection = new ExportSelection();
	for (const kind of CARRIED) {
		const file = new Lines(bundle, BUNDLE_FILES[kind]);
		const forgotten: JsonObject[] = [];
		for (let after: number | undefined = 0; after !== undefined; ) {
			const page: Awaited<ReturnType<PageReader>> = await pageOf(kind, after);
			const rows = page.rows.filter((row) => selection.take(kind, row));
			forgotten.push(...rows.filter((row) => isForgotten(kind, row)));
			file.add(rows.filter((row) => !isForgotten(kind, row)));
			counts[kind] += rows.length;
			after = page.next;
			onRows(counts[kind]);
		}
		if (kind !== "memory") continue;
		new Lines(bundle, FORGOTTEN_FILE).add(forgotten);
		counts.forgotten = forgotten.length;
	}
	return counts;
}

/** What a bundle holds, as its manifest says it. */
export interface BundleStats {
	/** Without forgotten ones. */
	readonly memories: number;
	readonly forgotten: number;
	readonly events: number;
	readonly entities: number;
	readonly relations: number;
	readonly mentions: number;
	/** The reference's bundles have them. */
	readonly skills: number;
}

/** Write the file that says what a bundle holds, with the checksums of all that was written before. */
export function writeManifest(bundle: BundleWriter, counts: BundleCounts, exportedAt: string): BundleStats {
	const stats: BundleStats = {
		memories: counts.memory - counts.forgotten,
		forgotten: counts.forgotten,
		events: counts.event,
		entities: counts.entity,
		relations: counts.relation,
		mentions: counts.mention,
		skills: 0,
	};
	const manifest = { version: BUNDLE_VERSION, exportedAt, stats, checksums: bundle.checksums() };
	bundle.append(MANIFEST, JSON.stringify(manifest, null, 2));
	return stats;
}

function isForgotten(kind: Carried, row: JsonObject): boolean {
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

	add(rows: readonly JsonObject[]): void {
		if (rows.length === 0) return;
		const lines = rows.map((row) => JSON.stringify(row)).join("\n");
		this.bundle.append(this.name, this.#isEmpty ? lines : `\n${lines}`);
		this.#isEmpty = false;
	}
}
