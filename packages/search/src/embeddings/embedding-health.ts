import { isoTime, type World } from "@signet/core";
import type { Database, EmbeddingFacts } from "@signet/db";
import type { EmbeddingService } from "./embedding-service.ts";
import type { ProviderCheck, ProviderChecker } from "./provider-check.ts";

export interface HealthCheck {
	/** Clients choose what to offer by it. */
	readonly name: keyof typeof WEIGHTS;
	readonly status: "ok" | "warn" | "fail";
	readonly message: string;
	readonly detail?: Readonly<Record<string, unknown>>;
	/** What to do, unless it is ok. */
	readonly fix?: string;
}

export interface EmbeddingHealth {
	readonly status: "healthy" | "degraded" | "unhealthy";
	/** From 0 to 1, three decimals. */
	readonly score: number;
	/** ISO-8601 UTC. */
	readonly checkedAt: string;
	readonly config: { readonly provider: string; readonly model: string; readonly dimensions: number | null };
	readonly checks: readonly HealthCheck[];
}

/** What each check counts for; together 1. */
const WEIGHTS = {
	"provider-available": 0.3,
	coverage: 0.25,
	"dimension-mismatch": 0.15,
	"model-drift": 0.1,
	"null-vectors": 0.08,
	"vec-table-sync": 0.07,
	"orphaned-embeddings": 0.05,
};
const VALUES = { ok: 1, warn: 0.5, fail: 0 };
const HEALTHY = 0.8;
const DEGRADED = 0.5;
/** Parts of all memories that have a vector. */
const COVERED = 0.95;
const NEARLY_COVERED = 0.8;

export interface HealthContext {
	readonly database: Database;
	readonly embeddings: Pick<EmbeddingService, "provider">;
	readonly provider: ProviderChecker;
	readonly world: Pick<World, "clock">;
}

/** Whether the vectors are what they should be. */
export async function checkEmbeddings({
	database,
	embeddings,
	provider,
	world,
}: HealthContext): Promise<EmbeddingHealth> {
	const [check, facts] = await Promise.all([provider.check(), database.embeddingFacts()]);
	const dimensions = check.dimensions ?? embeddings.provider?.dimensions;
	const current = embeddings.provider?.model;
	return {
		...assess({ check, facts, dimensions, current, tableProblem: database.vectorTable.problem }),
		checkedAt: isoTime(world.clock.now()),
		config: { provider: check.provider, model: check.model, dimensions: dimensions ?? null },
	};
}

interface Assessed {
	readonly check: ProviderCheck;
	readonly facts: EmbeddingFacts;
	/** Length that vectors should have; undefined when that is not known. */
	readonly dimensions: number | undefined;
	/** Name of the model in use; undefined when vectors are switched off. */
	readonly current: string | undefined;
	/** Why the portable vector table is not kept. */
	readonly tableProblem: string | undefined;
}

/** Judge what was found. Checks of what is switched off count for nothing. */
export function assess(assessed: Assessed): Pick<EmbeddingHealth, "status" | "score" | "checks"> {
	const { check, facts, dimensions, current, tableProblem } = assessed;
	const checks = [
		judgeProvider(check),
		judgeCoverage(facts, current),
		judgeDimensions(facts, dimensions),
		judgeModels(facts),
		judgeEmpty(facts),
		judgeTable(facts, tableProblem),
		judgeOrphans(facts),
	];
	const isOff = current === undefined;
	const counted = checks.filter(({ name }) => !isOff || (name !== "provider-available" && name !== "coverage"));
	const weight = counted.reduce((sum, { name }) => sum + WEIGHTS[name], 0);
	const score = counted.reduce((sum, { name, status }) => sum + WEIGHTS[name] * VALUES[status], 0) / weight;
	const status = score >= HEALTHY ? "healthy" : score >= DEGRADED ? "degraded" : "unhealthy";
	return { status, score: Math.round(score * 1000) / 1000, checks };
}

function judgeProvider({ provider, model, base_url, available, error }: ProviderCheck): HealthCheck {
	const name = "provider-available";
	if (available) return { name, status: "ok", message: `${provider} makes vectors with ${model}` };
	if (provider === "none") return { name, status: "ok", message: "Vectors are switched off; recall goes by words" };
	return {
		name,
		status: "fail",
		message: `${provider} cannot make vectors at the moment; recall goes by words`,
		detail: { provider, base_url, error },
		fix: "Start the server, or set embedding.provider in agent.yaml (embedded needs no server)",
	};
}

function judgeCoverage({ memories, embedded }: EmbeddingFacts, current: string | undefined): HealthCheck {
	const name = "coverage";
	if (memories === 0) {
		const detail = { total: 0, embedded: 0, unembedded: 0, coverage: 1 };
		return { name, status: "ok", message: "There are no memories yet", detail };
	}
	if (current === undefined) return { name, status: "ok", message: "Vectors are switched off" };
	const having = embedded[current] ?? 0;
	const ratio = having / memories;
	const percent = Math.round(ratio * 1000) / 10;
	return {
		name,
		status: ratio >= COVERED ? "ok" : ratio >= NEARLY_COVERED ? "warn" : "fail",
		message: `${having} of ${memories} memories have a vector of ${current}`,
		detail: { total: memories, embedded: having, unembedded: memories - having, coverage: percent },
		...(ratio < COVERED && { fix: "They are made in the background as soon as the provider answers" }),
	};
}

function judgeDimensions({ lengths }: EmbeddingFacts, expected: number | undefined): HealthCheck {
	const name = "dimension-mismatch";
	const isRight = expected === undefined || lengths.every((length) => length === expected);
	if (isRight) return { name, status: "ok", message: "All vectors have the same length as the model's" };
	return {
		name,
		status: "fail",
		message: `There are vectors of ${lengths.join(", ")} numbers, and the model makes ${expected}`,
		detail: { expected, found: lengths },
		fix: "They are made anew in the background; see embedding.dimensions in agent.yaml if it does not fit the model",
	};
}

function judgeModels({ models }: EmbeddingFacts): HealthCheck {
	const name = "model-drift";
	if (models.length <= 1) return { name, status: "ok", message: "All vectors are of one model" };
	return {
		name,
		status: "warn",
		message: `There are vectors of ${models.length} models`,
		detail: { models },
		fix: "Those of the model in use are made in the background; until then the others serve",
	};
}

function judgeEmpty({ empty }: EmbeddingFacts): HealthCheck {
	const name = "null-vectors";
	if (empty === 0) return { name, status: "ok", message: "No row lacks its vector" };
	return {
		name,
		status: "fail",
		message: `${empty} rows of embeddings have no vector`,
		detail: { count: empty },
		fix: "Restart the daemon: it makes them anew",
	};
}

function judgeTable({ rows, table }: EmbeddingFacts, problem: string | undefined): HealthCheck {
	const name = "vec-table-sync";
	const detail = { embeddings: rows, vecEmbeddings: table?.rows ?? 0 };
	if (problem !== undefined) {
		const message = `The vector table for other programs is not kept: ${problem}`;
		return {
			name,
			status: "warn",
			message,
			detail,
			fix: "Set SIGNET_VEC_PATH to the sqlite-vec library of this system",
		};
	}
	const isInStep = (table?.differing ?? 0) === 0;
	if (isInStep) return { name, status: "ok", message: "The vector table for other programs shows what it should" };
	return {
		name,
		status: "warn",
		message: `The vector table for other programs differs in ${table?.differing} rows`,
		detail: { ...detail, differing: table?.differing, behind: table?.behind },
		fix: "Restart the daemon: it compares both and mends what differs",
	};
}

function judgeOrphans({ orphaned }: EmbeddingFacts): HealthCheck {
	const name = "orphaned-embeddings";
	if (orphaned === 0) return { name, status: "ok", message: "Every vector belongs to a memory" };
	return {
		name,
		status: "warn",
		message: `${orphaned} vectors belong to memories that are gone`,
		detail: { count: orphaned },
		fix: "They do no harm; they can be removed",
	};
}
