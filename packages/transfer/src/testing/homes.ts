import type { PortableRow } from "@signet/db";
import { ana, type MemoryBench, memoryBench } from "@signet/memory/testing";
import { beginImport, CARRIED, exportPage, type Taken, type TransferRow, Trials, takeRows } from "../index.ts";

const EVERYTHING = 10_000;
let homes = 0;

/** A workspace whose ids no other one has. */
export function home(): Promise<MemoryBench> {
	return memoryBench(undefined, ++homes);
}

/** Everything that is exported, as it comes out of a bundle. */
export async function exported(bench: MemoryBench): Promise<TransferRow[]> {
	const rows: TransferRow[] = [];
	for (const kind of CARRIED) {
		const page = await exportPage(bench, kind, { after: 0, limit: EVERYTHING });
		for (const row of page.rows) rows.push({ kind, key: `${kind} ${rows.length}`, row });
	}
	return JSON.parse(JSON.stringify(rows));
}

/** A row of a text, as the other formats have them. */
export function textRow(content: string, more: object = {}): TransferRow {
	return { kind: "text", key: content.slice(0, 20), memory: { content, ...more } };
}

/** Take rows in; resolves to the id of the import and what became of each. */
export async function taken(
	bench: MemoryBench,
	rows: readonly TransferRow[],
	{ isRevived = false } = {},
): Promise<{ id: string; results: Taken[]; outcomes: string[] }> {
	const importId = await beginImport(bench, { source: "test", format: "test" });
	const results = await whole(rows, (some) => takeRows(bench, some, ana, { importId, isRevived }));
	return { id: importId, results, outcomes: results.map(({ outcome }) => outcome) };
}

/** Try to take rows in; resolves to what would become of each. */
export async function tried(
	bench: MemoryBench,
	rows: readonly TransferRow[],
	{ isRevived = false } = {},
): Promise<Taken[]> {
	const trials = new Trials(bench);
	const id = await trials.begin({ source: "test", format: "test" });
	const results = await whole(rows, (some) => trials.takeRows(id, some, ana, { isRevived }));
	trials.complete(id, {});
	return results;
}

/** Take rows, and again what others were in the way of. */
async function whole(
	rows: readonly TransferRow[],
	take: (rows: readonly TransferRow[]) => Promise<Taken[]>,
): Promise<Taken[]> {
	const results = await take(rows);
	for (let heldUp = Number.POSITIVE_INFINITY; ; ) {
		const waiting = results.flatMap(({ isHeldUp }, at) => (isHeldUp ? [at] : []));
		if (waiting.length === 0 || waiting.length >= heldUp) break;
		heldUp = waiting.length;
		for (const at of waiting) results.splice(at, 1, ...(await take(rows.slice(at, at + 1))));
	}
	return results;
}

/** What is there and not forgotten, by its id. */
export async function present(bench: MemoryBench): Promise<Record<string, Partial<PortableRow>>> {
	const { rows } = await exportPage(bench, "memory", { after: 0, limit: EVERYTHING });
	return Object.fromEntries(
		rows
			.filter(({ is_deleted }) => is_deleted !== 1)
			.map(({ id, content, tags, type, importance, pinned }) => [id, { content, tags, type, importance, pinned }]),
	);
}
