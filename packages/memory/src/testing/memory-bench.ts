import { EVERYTHING, noGuard, type TextGuard } from "@signet/core";
import { findMemory, type MemoryRow } from "@signet/db";
import type { RecallContext } from "@signet/search";
import { type Workbench, workbench } from "@signet/search/testing";
import {
	type Actor,
	Confirmations,
	Erasures,
	type ForgetBatchContext,
	type RememberRequest,
	remember,
} from "../index.ts";

export interface MemoryBench extends ForgetBatchContext, RecallContext, AsyncDisposable {
	readonly database: Workbench["database"];
	readonly world: Workbench["world"];
	readonly settings: Workbench["settings"];
	/** Let another configuration hold from now on. */
	configure(yaml: string): void;
	/** Remember something; resolves to its id. */
	keep(content: string, request?: Partial<RememberRequest>): Promise<string>;
	/** The row of a memory; throws when there is none. */
	row(id: string): Promise<MemoryRow>;
}

const CONFIGURATION = "embedding:\n  provider: embedded\nmemory:\n  pipelineV2:\n    enabled: false\n";

/** Everything that operations on memories need, on a real database, new or prepared, in a seeded world. */
export async function memoryBench(
	prepare?: (file: string) => void,
	seed?: number,
	guard: TextGuard = noGuard,
): Promise<MemoryBench> {
	const bench = await workbench(CONFIGURATION, prepare, seed);
	const erasures = new Erasures(bench);
	bench.jobs.handle(erasures);
	const context = { ...bench, guard, erasures, confirmations: new Confirmations(bench.world) };
	return {
		...context,
		[Symbol.asyncDispose]: () => bench[Symbol.asyncDispose](),
		keep: async (content, request = {}) => (await remember(context, { content, ...request }, ana)).id,
		async row(id) {
			const row = await bench.database.read((reader) => findMemory(reader, id, EVERYTHING));
			if (!row) throw new Error(`there is no memory ${id}`);
			return row;
		},
	};
}

/** A person. */
export const ana: Actor = {
	changedBy: "ana",
	actorType: "operator",
	sessionId: null,
	requestId: null,
	scope: EVERYTHING,
	isVerified: true,
};
/** A program that acts on its own. */
export const pipeline: Actor = {
	changedBy: "pipeline-v2",
	actorType: "pipeline",
	sessionId: null,
	requestId: null,
	scope: EVERYTHING,
	isVerified: true,
};
