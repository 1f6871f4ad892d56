import { isNothing } from "./judge.ts";
import type { Values } from "./keys.ts";
import { lookUp } from "./path.ts";
import type { Section } from "./simple-yaml.ts";
import { configurationTable } from "./table.ts";

export type ConfigurationValues = Values<typeof configurationTable>;

/** Files of the setup wizard rely on it. */
const MIN_SCORE_BESIDE_ALPHA = 0.3;
const RECALL_LIMIT_BESIDE_HOOKS = 30;
const DEFAULT_MODEL = configurationTable.memory.keys.pipelineV2.keys.extraction.model.default;

/** The values where some depend on what else is said; `isSaid` knows whether anything is said of a key. */
export function withDependentValues(
	values: ConfigurationValues,
	document: Section,
	isSaid: (key: string) => boolean,
): ConfigurationValues {
	const { search, hooks, memory } = values;
	const { extraction } = memory.pipelineV2;
	const hasHooks = (lookUp(document, ["hooks"]) ?? undefined) !== undefined;
	return {
		...values,
		search: {
			...search,
			...(isSaid("search.alpha") && !isSaid("search.min_score") && { min_score: MIN_SCORE_BESIDE_ALPHA }),
		},
		hooks: {
			...hooks,
			sessionStart: {
				...hooks.sessionStart,
				...(hasHooks && !isSaid("hooks.sessionStart.recallLimit") && { recallLimit: RECALL_LIMIT_BESIDE_HOOKS }),
			},
		},
		memory: {
			...memory,
			pipelineV2: {
				...memory.pipelineV2,
				extraction: { ...extraction, provider: extractionProvider(document, extraction.model) },
			},
		},
	};
}

/** The old and the new key may contradict each other; and a model without a provider was always meant for Ollama. */
function extractionProvider(document: Section, model: string): "claude-code" | "ollama" {
	const inPipeline = (...path: string[]) => lookUp(document, ["memory", "pipelineV2", ...path]) ?? undefined;
	const providers = [inPipeline("extraction", "provider"), inPipeline("extractionProvider")];
	if (providers.includes("claude-code")) return "claude-code";
	if (providers.includes("ollama")) return "ollama";
	const isUnset = providers.every(isNothing);
	const models = [inPipeline("extraction", "model"), inPipeline("extractionModel")];
	const hasModel = model !== DEFAULT_MODEL || models.includes(model);
	return isUnset && hasModel ? "ollama" : "claude-code";
}
