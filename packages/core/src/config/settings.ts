import type { ConfigurationValues } from "./dependent-values.ts";
import { type EmbeddingSettings, embeddingSettings } from "./embedding-settings.ts";
import { lookUp } from "./path.ts";
import { type ConfigProblem, type Configuration, type NotYaml, readConfiguration } from "./read.ts";

export type SearchSettings = ConfigurationValues["search"];
export type PipelineSettings = ConfigurationValues["memory"]["pipelineV2"];
export type FilesSettings = ConfigurationValues["memory"]["files"];
export type SynthesisSettings = ConfigurationValues["memory"]["synthesis"];
export type MemorySettings = Omit<ConfigurationValues["memory"], "pipelineV2" | "files" | "synthesis">;
export type HookSettings = ConfigurationValues["hooks"];
/** The mode is as written: the daemon refuses to start with one that it cannot enforce. */
export type AuthSettings = ConfigurationValues["auth"];
export type SecretSettings = ConfigurationValues["secrets"];
export type GitSettings = ConfigurationValues["git"];
export type UpdateSettings = ConfigurationValues["updates"];
export type AgentSettings = ConfigurationValues["agent"];
export type InstallSettings = ConfigurationValues["install"];

/** What a configuration means. The keys, what they are for, and their defaults stand in `table.ts`. */
export interface Settings {
	readonly agent: AgentSettings;
	readonly embedding: EmbeddingSettings;
	readonly search: SearchSettings;
	readonly memory: MemorySettings;
	readonly pipeline: PipelineSettings;
	readonly files: FilesSettings;
	readonly synthesis: SynthesisSettings;
	readonly hooks: HookSettings;
	readonly auth: AuthSettings;
	readonly secrets: SecretSettings;
	readonly features: Readonly<Record<string, boolean>>;
	readonly git: GitSettings;
	readonly updates: UpdateSettings;
	readonly install: InstallSettings;
	readonly harnesses: readonly string[];
	/** What in the file is not used as it stands. */
	readonly problems: readonly ConfigProblem[];
	/** The same, one sentence each, beginning with the key or the place. */
	readonly warnings: readonly string[];
	/** Why the file was read line by line, when it was. */
	readonly notYaml?: NotYaml;
}

/** The settings that a configuration text means; an empty text means the defaults. Never fails. */
export function parseSettings(
	configText: string,
	env: Readonly<Record<string, string | undefined>> = {},
	fileName = "agent.yaml",
): Settings {
	return settingsOf(readConfiguration(configText, env), fileName);
}

/** The settings that a configuration means. */
export function settingsOf(configuration: Configuration, fileName = "agent.yaml"): Settings {
	const { values, document, notYaml } = configuration;
	const { memory, agent, search, hooks, auth, secrets, features, git, updates, install, harnesses } = values;
	const { pipelineV2, files, synthesis, ...rest } = memory;
	const { settings: embedding, problems: embeddingProblems } = embeddingSettings(configuration);
	const problems = [...configuration.problems, ...embeddingProblems];
	const mode = lookUp(document.section, ["auth"]);
	return {
		agent,
		embedding,
		search,
		memory: rest,
		pipeline: pipelineV2,
		files,
		synthesis,
		hooks,
		// A mode that stands in the place of the section must not be taken for none.
		auth: typeof mode === "string" && mode.trim() !== "" ? { ...auth, mode } : auth,
		secrets,
		features,
		git,
		updates,
		install,
		harnesses,
		problems,
		warnings: problems.map((problem) => warningOf(problem, fileName)),
		...(notYaml && { notYaml }),
	};
}

/** A problem as a sentence that begins with the key, or with its place in the file. */
export function warningOf({ path, text, place }: ConfigProblem, fileName: string): string {
	if (path.length > 0) return `${path.join(".")}: ${text}`;
	return `${place ? `${fileName}:${place.line}:${place.column}` : fileName}: ${text}`;
}
