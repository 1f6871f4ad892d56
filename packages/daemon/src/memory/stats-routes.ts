import { readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { isScoped, type WorkspacePaths } from "@signet/core";
import { type MemoryContext, readStats } from "@signet/memory";
import * as z from "zod/mini";
import type { RouteContract, Routes } from "../http/route.ts";

const statsContract = {
	method: "GET",
	path: "/api/memories/stats",
	summary: "How many memories there are, of which kinds, and how much room they take",
	answers: () => ({
		200: {
			description: "Counts without forgotten memories, which are in deleted; sizes in bytes",
			schema: z.object({
				total: z.number(),
				withEmbeddings: z.number(),
				critical: z.number(),
				pinned: z.number(),
				deleted: z.number(),
				byType: z.record(z.string(), z.number()),
				oldest: z.nullable(z.string()),
				newest: z.nullable(z.string()),
				jobs: z.array(z.object({ type: z.string(), status: z.string(), count: z.number() })),
				bytes: z.optional(z.object({ database: z.number(), log: z.number(), backups: z.number() })),
			}),
		},
	}),
} satisfies RouteContract;

/** Counting memories. To be added before routes with a parameter in the same place. */
export function addStatsRoutes(
	routes: Routes,
	{ database }: Pick<MemoryContext, "database">,
	paths: Pick<WorkspacePaths, "database" | "memoryFolder">,
): void {
	routes.add(statsContract, async ({ caller: { scope } }) => ({
		...(await readStats(database, scope)),
		// How much there is of others is not for whoever sees a part.
		...(!isScoped(scope) && { bytes: sizesOf(paths) }),
	}));
}

function sizesOf({ database, memoryFolder }: Pick<WorkspacePaths, "database" | "memoryFolder">) {
	const backups = readdirSync(memoryFolder).filter((name) => name.startsWith(`${basename(database)}.bak-`));
	return {
		database: sizeOf(database),
		log: sizeOf(`${database}-wal`),
		backups: backups.reduce((sum, name) => sum + sizeOf(join(memoryFolder, name)), 0),
	};
}

function sizeOf(file: string): number {
	return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
