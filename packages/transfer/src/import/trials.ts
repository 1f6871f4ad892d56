import { isoTime, normaliseContent, notFound, type Timer } from "@signet/core";
import { insertImport, type Reader, TrialCopy } from "@signet/db";
import { type Actor, demandThawed, type MemoryContext } from "@signet/memory";
import { cleanTransferRow } from "../clean-row.ts";
import type { Taken, TransferRow } from "../row.ts";
import type { ImportRecord, NewImport } from "./imports.ts";
import { isText } from "./shapes.ts";
import { columnsByKind, takeBatch } from "./take-rows.ts";

/** Trials at a time; another one ends the one that has waited longest. */
const MAX_TRIALS = 4;
/** A trial that nobody goes on with ends by itself. */
const IDLE_MS = 10 * 60_000;
/** Rows tried in one go. */
const BATCH = 64;

interface Trial extends NewImport {
	readonly id: string;
	readonly startedAt: string;
	readonly copy: TrialCopy;
	/** One batch after the other. */
	underWay: Promise<unknown>;
	end: Timer;
}

/**
 * Imports that are only tried. Each has a copy of what its rows would meet, and on that the very same is done with them:
 * so what is said of a row is what would become of it after all rows before it. Nothing here is changed, and trials do
 * not outlive the process.
 */
export class Trials {
	readonly #trials = new Map<string, Trial>();

	constructor(private readonly context: MemoryContext) {}

	/** Begin to try; resolves to the id that the rows are to be sent under. */
	async begin({ source, format }: NewImport): Promise<string> {
		const { database, world } = this.context;
		const id = world.random.uuid();
		const startedAt = isoTime(world.clock.now());
		const copy = await TrialCopy.of(database, world.timers);
		await insertImport(copy.writer, { id, source, format, startedAt });
		const underWay = Promise.resolve();
		this.#trials.set(id, { id, source, format, startedAt, copy, underWay, end: this.#endLater(id) });
		const [oldest] = this.#trials.keys();
		if (this.#trials.size > MAX_TRIALS && oldest !== undefined) this.#end(oldest);
		return id;
	}

	has(id: string): boolean {
		return this.#trials.has(id);
	}

	/** As `takeRows`. Throws when memory is frozen, or when there is no such trial. */
	takeRows(
		id: string,
		rows: readonly TransferRow[],
		actor: Actor,
		options: { readonly isRevived: boolean },
	): Promise<Taken[]> {
		demandThawed(this.context);
		const trial = this.#demand(id);
		const taken = trial.underWay.then(() => this.#take(trial, rows, actor, options));
		trial.underWay = taken.catch(() => undefined);
		return taken;
	}

	/** End a trial; it is shown like an import that has changed nothing. Throws when there is none of that id. */
	complete(id: string, account: unknown): ImportRecord {
		const { source, format, startedAt } = this.#demand(id);
		this.#end(id);
		const completedAt = isoTime(this.context.world.clock.now());
		return { id, source, format, startedAt, completedAt, undoneAt: null, isEmpty: true, account };
	}

	async #take(
		{ id, copy }: Trial,
		rows: readonly TransferRow[],
		actor: Actor,
		{ isRevived }: { readonly isRevived: boolean },
	): Promise<Taken[]> {
		const { database, world, guard } = this.context;
		const cleaner = await guard.ready();
		const columns = await columnsByKind(copy.writer);
		const taken: Taken[] = [];
		for (let at = 0; at < rows.length; at += BATCH) {
			const batch = rows.slice(at, at + BATCH).map((row) => cleanTransferRow(row, cleaner));
			await database.read(async (reader) => {
				for (const row of batch) await copyWhatMeets(copy, reader, row);
			});
			taken.push(...(await takeBatch(copy.writer, world, batch, actor, { importId: id, isRevived, columns })));
			await world.timers.yield();
		}
		return taken;
	}

	#demand(id: string): Trial {
		const trial = this.#trials.get(id);
		if (!trial) throw notFound(`There is no import ${id} that is tried any more; begin another one`);
		trial.end.cancel();
		trial.end = this.#endLater(id);
		this.#trials.delete(id);
		this.#trials.set(id, trial);
		return trial;
	}

	#endLater(id: string): Timer {
		return this.context.world.timers.after(IDLE_MS, () => this.#end(id));
	}

	#end(id: string): void {
		const trial = this.#trials.get(id);
		this.#trials.delete(id);
		trial?.end.cancel();
		trial?.underWay.then(() => trial.copy.close());
	}
}

/** Copy whatever a row could be the same as, belong to, or be refused for. */
async function copyWhatMeets(copy: TrialCopy, reader: Reader, row: TransferRow): Promise<void> {
	if (row.kind === "text") {
		const { content, sourceType = "manual", sourceId, idempotencyKey } = row.memory;
		await copy.content(reader, normaliseContent(content).hash);
		if (sourceId !== undefined) await copy.source(reader, sourceType, sourceId);
		if (idempotencyKey !== undefined) await copy.idempotencyKey(reader, idempotencyKey);
		return;
	}
	const { id, content, idempotency_key, memory_id, entity_id, source_entity_id, target_entity_id, name } = row.row;
	if (row.kind === "memory") {
		if (isText(id)) await copy.memory(reader, id);
		if (isText(content)) await copy.content(reader, normaliseContent(content).hash);
		if (isText(idempotency_key)) await copy.idempotencyKey(reader, idempotency_key);
	}
	if (row.kind === "event" && isText(id)) await copy.event(reader, id);
	if (row.kind === "relation" && isText(id)) await copy.relation(reader, id);
	if (row.kind === "entity" && isText(id)) await copy.entity(reader, id);
	if (isText(memory_id)) await copy.memory(reader, memory_id);
	for (const entity of [entity_id, source_entity_id, target_entity_id, name]) {
		if (isText(entity)) await copy.entity(reader, entity);
	}
}
