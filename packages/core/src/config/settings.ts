/** Every setting of `agent.yaml` that we read: names, defaults, ranges, older names. */
import { isSection, parseConfigDocument } from "./document.ts";
import { type EmbeddingSettings, readEmbedding } from "./embedding-settings.ts";
import { choice, flag, fraction, type Keys, number, readKeys, text, type Values, type Warn } from "./keys.ts";
import type { Section } from "./simple-yaml.ts";

const searchKeys = {
	/** Which ranking answers: ours, or the reference's for comparison. `SIGNET_SEARCH_PROFILE` wins. */
	profile: choice("signet", ["signet", "reference"]),
	/** Weight of the vector leg in the profile `reference`. */
	alpha: fraction(0.7),
	/** Candidates taken from each leg. */
	top_k: number(20, 1, 1000),
	/** Least blended score of the profile `reference`. */
	min_score: fraction(0.1),
	rehearsal_enabled: flag(true),
	rehearsal_weight: fraction(0.1),
	rehearsal_half_life_days: number(30, 1, 36_500),
} satisfies Keys;

/** Least score where `alpha` is set and `min_score` is not: files of the setup wizard rely on it. */
const MIN_SCORE_BESIDE_ALPHA = 0.3;

const pipelineKeys = {
	enabled: flag(true),
	shadowMode: flag(false),
	/** The kill switch: no memory is written or changed while it is on. */
	mutationsFrozen: flag(false),
	semanticContradictionEnabled: flag(false),
	extraction: {
		provider: choice("claude-code", ["claude-code", "ollama"], "extractionProvider"),
		model: text("haiku", "extractionModel"),
		timeout: number(45_000, 5_000, 300_000, "extractionTimeout"),
		minConfidence: fraction(0.7, "minFactConfidenceForWrite"),
	},
	worker: {
		pollMs: number(2_000, 100, 60_000, "workerPollMs"),
		maxRetries: number(3, 1, 10, "workerMaxRetries"),
		leaseTimeoutMs: number(300_000, 10_000, 600_000, "leaseTimeoutMs"),
	},
	graph: {
		enabled: flag(true, "graphEnabled"),
		boostWeight: fraction(0.15, "graphBoostWeight"),
		boostTimeoutMs: number(500, 50, 5_000, "graphBoostTimeoutMs"),
	},
	reranker: {
		enabled: flag(true, "rerankerEnabled"),
		model: text("", "rerankerModel"),
		topN: number(20, 1, 100, "rerankerTopN"),
		timeoutMs: number(2_000, 100, 30_000, "rerankerTimeoutMs"),
	},
	autonomous: {
		enabled: flag(true, "autonomousEnabled"),
		frozen: flag(false, "autonomousFrozen"),
		allowUpdateDelete: flag(true, "allowUpdateDelete"),
		maintenanceIntervalMs: number(1_800_000, 60_000, 86_400_000, "maintenanceIntervalMs"),
		maintenanceMode: choice("execute", ["execute", "observe"], "maintenanceMode"),
	},
	repair: {
		reembedCooldownMs: number(300_000, 10_000, 3_600_000, "repairReembedCooldownMs"),
		reembedHourlyBudget: number(10, 1, 1_000, "repairReembedHourlyBudget"),
		requeueCooldownMs: number(60_000, 5_000, 3_600_000, "repairRequeueCooldownMs"),
		requeueHourlyBudget: number(50, 1, 1_000, "repairRequeueHourlyBudget"),
		dedupCooldownMs: number(600_000, 10_000, 3_600_000, "repairDedupCooldownMs"),
		dedupHourlyBudget: number(3, 1, 100, "repairDedupHourlyBudget"),
		dedupSemanticThreshold: fraction(0.92, "repairDedupSemanticThreshold"),
		dedupBatchSize: number(100, 10, 1_000, "repairDedupBatchSize"),
	},
	documents: {
		workerIntervalMs: number(10_000, 1_000, 300_000, "documentWorkerIntervalMs"),
		chunkSize: number(2_000, 200, 50_000, "documentChunkSize"),
		chunkOverlap: number(200, 0, 10_000, "documentChunkOverlap"),
		maxContentBytes: number(10_485_760, 1_024, 104_857_600, "documentMaxContentBytes"),
	},
	guardrails: {
		/** Longer memories are found and embedded by the chunk. */
		maxContentChars: number(500, 50, 100_000),
		chunkTargetChars: number(300, 50, 50_000),
		recallTruncateChars: number(500, 50, 100_000),
	},
	telemetryEnabled: flag(false),
	telemetry: {
		posthogHost: text(""),
		posthogApiKey: text(""),
		flushIntervalMs: number(60_000, 5_000, 600_000),
		flushBatchSize: number(50, 1, 500),
		retentionDays: number(90, 1, 365),
	},
} satisfies Keys;

/** Under `memory.files`. Ours. */
const filesKeys = {
	/** Whether Markdown files are remembered: notes of the workspace and what Claude Code keeps of projects. */
	enabled: flag(true),
} satisfies Keys;

export type FilesSettings = Values<typeof filesKeys>;
export type SearchSettings = Values<typeof searchKeys>;
export type PipelineSettings = Values<typeof pipelineKeys>;

export interface AuthSettings {
	/** As written; the daemon refuses to start with a mode that it cannot enforce. */
	readonly mode: unknown;
	readonly allowInsecureRemote: boolean;
	/** Host names besides those of this machine that requests may be addressed to. */
	readonly allowedHosts: readonly string[];
}

export interface Settings {
	readonly embedding: EmbeddingSettings;
	readonly search: SearchSettings;
	readonly pipeline: PipelineSettings;
	readonly files: FilesSettings;
	readonly auth: AuthSettings;
	readonly features: Readonly<Record<string, boolean>>;
	/** What in the file is not used as it stands, one sentence each, beginning with the key. */
	readonly warnings: readonly string[];
}

/** The settings that a configuration text means; an empty text means the defaults. Never fails. */
export function parseSettings(configText: string, env: Readonly<Record<string, string | undefined>> = {}): Settings {
	const { section, problem } = parseConfigDocument(configText);
	const warnings = problem ? [`agent.yaml: ${problem}`] : [];
	const warn: Warn = (path, what) => warnings.push(`${path}: ${what}`);
	const memory = sectionOf(section.memory);
	return {
		embedding: readEmbedding(section, env, warn),
		search: readSearch(sectionOf(section.search), env, warn),
		pipeline: readPipeline(sectionOf(memory.pipelineV2), warn),
		files: readKeys(filesKeys, sectionOf(memory.files), "memory.files", warn),
		auth: readAuth(section.auth),
		features: readFeatures(sectionOf(section.features)),
		warnings,
	};
}

function readSearch(section: Section, env: Readonly<Record<string, string | undefined>>, warn: Warn): SearchSettings {
	const hasAlpha = section.alpha !== undefined && section.alpha !== null;
	const keys = hasAlpha ? { ...searchKeys, min_score: fraction(MIN_SCORE_BESIDE_ALPHA) } : searchKeys;
	const profile = env.SIGNET_SEARCH_PROFILE || section.profile;
	return readKeys(keys, { ...section, profile }, "search", warn);
}

function readPipeline(section: Section, warn: Warn): PipelineSettings {
	const values = readKeys(pipelineKeys, section, "memory.pipelineV2", warn);
	return { ...values, extraction: { ...values.extraction, provider: extractionProvider(section) } };
}

/** The old and the new key may contradict each other; and a model without a provider was always meant for Ollama. */
function extractionProvider(section: Section): "claude-code" | "ollama" {
	const extraction = sectionOf(section.extraction);
	const providers = [extraction.provider, section.extractionProvider];
	if (providers.includes("claude-code")) return "claude-code";
	if (providers.includes("ollama")) return "ollama";
	const isUnset = providers.every((provider) => provider === undefined || provider === null);
	const hasModel = [extraction.model, section.extractionModel].some((model) => typeof model === "string");
	return isUnset && hasModel ? "ollama" : "claude-code";
}

function readAuth(given: unknown): AuthSettings {
	const section = sectionOf(given);
	const mode = given === undefined || given === null ? "local" : isSection(given) ? (section.mode ?? "local") : given;
	const hosts = Array.isArray(section.allowedHosts) ? section.allowedHosts : [];
	return {
		mode,
		allowInsecureRemote: section.allowInsecureRemote === true,
		allowedHosts: hosts.filter((host): host is string => typeof host === "string"),
	};
}

function readFeatures(section: Section): Record<string, boolean> {
	const flags: Record<string, boolean> = {};
	for (const [name, value] of Object.entries(section)) {
		if (value === true || value === "true") flags[name] = true;
		if (value === false || value === "false") flags[name] = false;
	}
	return flags;
}

function sectionOf(value: unknown): Section {
	return isSection(value) ? value : {};
}
