/**
 * Every setting of the configuration file. What is read, what is warned of, what `signet config` takes and
 * docs/configuration.md all come from here.
 */
import {
	anything,
	choice,
	flag,
	flags,
	fraction,
	type KeyOptions,
	type Keys,
	number,
	optionalChoice,
	optionalNumber,
	optionalText,
	positive,
	refusedChoice,
	section,
	text,
	texts,
} from "./keys.ts";

const alias = (...aliases: string[]): KeyOptions => ({ aliases });
/** How often a caller may do something; where tokens are wanted. */
const rateLimit = (action: string, max: number) => ({
	windowMs: positive(60_000, "The time that is looked at, in milliseconds", { isReadAtStart: true }),
	max: positive(max, `How often one caller may ${action} in that time`, { isReadAtStart: true }),
});

const embedding = section(
	"What turns text into vectors.",
	{
		provider: optionalChoice(
			["ollama", "openai", "local", "native", "embedded", "none"],
			"Who makes the vectors; `native` is `local`",
			{
				otherwise: "embedded",
				defaultNote: "`ollama` where a model or an address is named or its default model answers, else `embedded`",
			},
		),
		model: optionalText("The model that is asked", {
			defaultNote: "`nomic-embed-text`; with `openai` `text-embedding-3-small`, with `local` `bge-small-en-v1.5`",
		}),
		dimensions: optionalNumber([1, 65_536], "How long its vectors are", {
			isWhole: true,
			isStrict: true,
			defaultNote: "what the model is known for, else what it answers with",
		}),
		base_url: optionalText("The address of the server, or `$secret:NAME`", {
			mayBeSecret: true,
			defaultNote: "`http://localhost:11434`; with `openai` `https://api.openai.com/v1`",
		}),
		digest: optionalText("The SHA-256 that a local model must have, in hex", {
			defaultNote: "the one that it was published with, or had when it was first used",
		}),
		api_key: optionalText("The key that the server wants, or `$secret:NAME` for one that is in the vault", {
			isSecret: true,
			mayBeSecret: true,
			environment: { name: "OPENAI_API_KEY", beatsFile: false },
		}),
	},
	["memory.embeddings", "embeddings"],
);

const search = section(
	"How memories are found and ranked. All but `profile` is about the ranking of the earlier daemon.",
	{
		profile: choice("signet", ["signet", "reference"], "The ranking: ours, or that of the earlier daemon to compare", {
			environment: { name: "SIGNET_SEARCH_PROFILE", beatsFile: true },
		}),
		alpha: fraction(0.7, "Weight of meaning against words"),
		top_k: number(20, [1, 1000], "Candidates taken by words and by meaning each", { isWhole: true }),
		min_score: fraction(0.1, "Least score, before anything is boosted", {
			defaultNote: "0.1, or 0.3 where `alpha` is set",
		}),
		rehearsal_enabled: flag(true, "Whether what is recalled often ranks higher; all but `true` is false", {
			otherwise: false,
		}),
		rehearsal_weight: fraction(0.1, "How much higher"),
		rehearsal_half_life_days: number(30, [1, 36_500], "Days after which that has faded to a half"),
	},
);

const pipelineV2 = section("What happens to what was remembered, and what watches over it.", {
	enabled: flag(true, "Whether conversations are distilled by a model"),
	shadowMode: flag(false, "Distil and write down what would change, but change nothing"),
	mutationsFrozen: flag(false, "The kill switch: no memory is written or changed while it is on"),
	semanticContradictionEnabled: flag(false, "Ask the model whether facts contradict each other"),
	extraction: {
		provider: choice("claude-code", ["claude-code", "ollama"], "Who distils", {
			...alias("extractionProvider"),
			defaultNote: "`claude-code`, or `ollama` where only a model is named",
		}),
		model: text("haiku", "The model that distils", alias("extractionModel")),
		endpoint: text(
			"http://localhost:11434",
			"The address of Ollama",
			alias("extraction.base_url", "extractionEndpoint", "extractionBaseUrl"),
		),
		timeout: number(45_000, [5_000, 300_000], "Milliseconds that an answer may take", alias("extractionTimeout")),
		minConfidence: fraction(0.7, "How sure a fact must be to be kept", alias("minFactConfidenceForWrite")),
	},
	worker: {
		pollMs: number(2_000, [100, 60_000], "Milliseconds between two looks for work", alias("workerPollMs")),
		maxRetries: number(3, [1, 10], "Attempts before work is given up", alias("workerMaxRetries")),
		leaseTimeoutMs: number(
			300_000,
			[10_000, 600_000],
			"Milliseconds after which work counts as abandoned",
			alias("leaseTimeoutMs"),
		),
	},
	graph: {
		enabled: flag(
			true,
			"Whether what the names in a question lead to ranks higher (in the profile `reference`)",
			alias("graphEnabled"),
		),
		boostWeight: fraction(0.15, "How much higher", alias("graphBoostWeight")),
		boostTimeoutMs: number(500, [50, 5_000], "Milliseconds that the links may take", alias("graphBoostTimeoutMs")),
	},
	reranker: {
		enabled: flag(
			true,
			"Whether the first hits are put in order anew (in the profile `reference`)",
			alias("rerankerEnabled"),
		),
		model: text("", "Kept for rerankers that want a model", alias("rerankerModel")),
		topN: number(20, [1, 100], "How many of the first hits", alias("rerankerTopN")),
		timeoutMs: number(2_000, [100, 30_000], "Milliseconds that it may take", alias("rerankerTimeoutMs")),
	},
	autonomous: {
		enabled: flag(true, "Whether the daemon looks after the memories by itself", alias("autonomousEnabled")),
		frozen: flag(false, "Stop that, whatever else is set", alias("autonomousFrozen")),
		allowUpdateDelete: flag(true, "Whether it may change and forget, not only add", alias("allowUpdateDelete")),
		maintenanceIntervalMs: number(
			1_800_000,
			[60_000, 86_400_000],
			"Milliseconds between two rounds",
			alias("maintenanceIntervalMs"),
		),
		maintenanceMode: choice(
			"execute",
			["execute", "observe"],
			"Mend what is found, or only write it down",
			alias("maintenanceMode"),
		),
	},
	repair: {
		reembedCooldownMs: number(
			300_000,
			[10_000, 3_600_000],
			"Milliseconds between two rounds of new vectors",
			alias("repairReembedCooldownMs"),
		),
		reembedHourlyBudget: number(10, [1, 1_000], "Such rounds an hour", alias("repairReembedHourlyBudget")),
		requeueCooldownMs: number(
			60_000,
			[5_000, 3_600_000],
			"Milliseconds between two rounds of taking up failed work",
			alias("repairRequeueCooldownMs"),
		),
		requeueHourlyBudget: number(50, [1, 1_000], "Such rounds an hour", alias("repairRequeueHourlyBudget")),
		dedupCooldownMs: number(
			600_000,
			[10_000, 3_600_000],
			"Milliseconds between two rounds of merging duplicates",
			alias("repairDedupCooldownMs"),
		),
		dedupHourlyBudget: number(3, [1, 100], "Such rounds an hour", alias("repairDedupHourlyBudget")),
		dedupSemanticThreshold: fraction(
			0.92,
			"How alike two memories must be to be one",
			alias("repairDedupSemanticThreshold"),
		),
		dedupBatchSize: number(100, [10, 1_000], "Memories looked at in a round", alias("repairDedupBatchSize")),
	},
	documents: {
		workerIntervalMs: number(
			10_000,
			[1_000, 300_000],
			"Milliseconds between two looks for documents",
			alias("documentWorkerIntervalMs"),
		),
		chunkSize: number(2_000, [200, 50_000], "Characters in a piece of a document", alias("documentChunkSize")),
		chunkOverlap: number(200, [0, 10_000], "Characters that two pieces share", alias("documentChunkOverlap")),
		maxContentBytes: number(
			10_485_760,
			[1_024, 104_857_600],
			"The largest document that is taken, in bytes",
			alias("documentMaxContentBytes"),
		),
	},
	guardrails: {
		maxContentChars: number(500, [50, 100_000], "Longer memories are found and embedded piece by piece"),
		chunkTargetChars: number(300, [50, 50_000], "Characters in such a piece"),
		recallTruncateChars: number(500, [50, 100_000], "Characters of a memory that an answer shows"),
	},
	telemetryEnabled: flag(false, "Whether figures about the use are kept"),
	telemetry: {
		posthogHost: text("", "A server that gets them"),
		posthogApiKey: text("", "Its key", { isSecret: true }),
		flushIntervalMs: number(60_000, [5_000, 600_000], "Milliseconds between two writes"),
		flushBatchSize: number(50, [1, 500], "Figures sent at once"),
		retentionDays: number(90, [1, 365], "Days that they are kept"),
	},
});

const memory = section("What is remembered.", {
	database: text("memory/memories.db", "Written by the setup of the earlier daemon; the database is always there"),
	session_budget: number(2_000, [0, 1_000_000], "Characters of memories at the start of a session"),
	current_md_budget: optionalNumber([0, 1_000_000], "Characters of working memory at the start of a session"),
	decay_rate: fraction(0.95, "What is left of the weight of a memory after a day"),
	files: section("Markdown files that are remembered.", {
		enabled: flag(true, "Whether notes in `memory/` and what Claude Code keeps of projects are followed"),
	}),
	pipelineV2,
	synthesis: section("How MEMORY.md is written.", {
		harness: text("openclaw", "The program whose model writes it"),
		model: text("sonnet", "The model"),
		schedule: choice("daily", ["daily", "weekly", "on-demand"], "How often"),
		max_tokens: number(4_000, [1, 1_000_000], "How long it may get, in tokens"),
	}),
});

const hooks = section("What agents are given, and when.", {
	sessionStart: {
		recallLimit: number(10, [0, 1_000], "How many memories at the start of a session", {
			defaultNote: "10, or 30 where there is a section `hooks`",
		}),
		includeIdentity: flag(true, "Whether identity files are given"),
		includeRecentContext: flag(true, "Whether the working memory is given"),
		maxInjectChars: number(24_000, [0, 1_000_000], "Characters given at most"),
		recencyBias: optionalNumber([0, 1], "Weight of how new a memory is against its importance"),
		query: optionalText("What to look for in addition"),
	},
	preCompaction: {
		includeRecentMemories: flag(true, "Whether the newest memories are given before a conversation is shortened"),
		memoryLimit: number(5, [0, 1_000], "How many"),
		summaryGuidelines: optionalText("What the summary is to keep", { defaultNote: "guidelines of our own" }),
	},
});

const auth = section("Who may do what.", {
	mode: refusedChoice(
		"local",
		["local", "team", "hybrid"],
		"Whom tokens are asked of: nobody, everybody, or everybody but who sits at this machine",
		{ isReadAtStart: true },
	),
	allowInsecureRemote: flag(false, "Serve an address that other machines reach, without tokens", {
		isReadAtStart: true,
	}),
	allowedHosts: texts("Names besides those of this machine that requests may be addressed to"),
	trustedProxies: texts("Addresses or networks of proxies that are believed whom they forward for", {
		isReadAtStart: true,
	}),
	requireScope: flag(false, "Refuse tokens without a scope, but for administrators", { isReadAtStart: true }),
	defaultTokenTtlSeconds: positive(604_800, "Seconds that a token is good for", { isReadAtStart: true }),
	maxTokenTtlSeconds: positive(31_536_000, "Seconds that a token may be good for at most", { isReadAtStart: true }),
	sessionTokenTtlSeconds: positive(86_400, "Seconds that the token of a session is good for"),
	rateLimits: {
		forget: rateLimit("forget a memory", 30),
		modify: rateLimit("change a memory", 60),
		batchForget: rateLimit("forget many at once", 5),
		forceDelete: rateLimit("forget a pinned memory", 3),
		admin: rateLimit("make, end or change tokens", 10),
		remember: rateLimit("store a memory", 1_000),
		exec: rateLimit("run a command with secrets or install something (in every mode)", 60),
		taskRun: rateLimit("have a task run (in every mode)", 20),
	},
	method: optionalText("Kept for other programs"),
	chainId: anything("Kept for other programs"),
});

const secrets = section("Commands that are run with secrets.", {
	use: choice(
		"allow",
		["allow", "ask", "deny"],
		"What holds for a secret that has no policy of its own: it may be used, a person is asked, it is not used",
		// Who wrote something there wanted it restricted.
		{ otherwise: "ask" },
	),
	folders: texts("Folders in which, and in what is in them, they may be run", { defaultNote: "the home folder" }),
	timeoutMs: number(30_000, [1_000, 600_000], "Milliseconds that one may take when it does not say", { isWhole: true }),
	inheritEnvironment: flag(
		false,
		"Whether they get all of the daemon's environment, and not only `PATH`, `HOME`, `LANG` and `LC_*`",
	),
});

export const configurationTable = {
	version: anything("Version of the file, as its writers count"),
	schema: anything("Form of the file, as its writers name it"),
	harnesses: texts("The programs that are to know of each other, such as `claude-code`"),
	agent: section("Who the agent is.", {
		name: optionalText("Its name"),
		description: optionalText("What it is, in a sentence"),
		created: anything("When the setup made the file"),
		updated: anything("When the setup last changed it"),
	}),
	embedding,
	search,
	memory,
	hooks,
	auth,
	secrets,
	features: flags("Switches by name"),
	git: section("Keeping the workspace in a git repository.", {
		enabled: flag(true, "Whether that is done; all but `true` is false", { otherwise: false }),
		autoCommit: flag(true, "Commit what changes; all but `true` is false", { otherwise: false }),
		autoSync: flag(true, "Pull and push by the clock; all but `true` is false", { otherwise: false }),
		syncInterval: number(300, [30, 86_400], "Seconds between two times"),
		remote: text("origin", "The remote"),
		branch: text("main", "The branch"),
	}),
	updates: section(
		"New versions of this program.",
		{
			auto_install: flag(false, "Install them without asking", alias("autoInstall")),
			check_interval: number(21_600, [300, 604_800], "Seconds between two looks", {
				...alias("checkInterval"),
				isWhole: true,
				isStrict: true,
			}),
			channel: choice("latest", ["latest", "next"], "Which ones"),
			min_age_hours: number(48, [0, 8_760], "How long a version must have been out before it installs itself"),
		},
		["update"],
	),
	install: section("How the earlier daemon was installed.", {
		primary_package_manager: optionalText(
			"`npm`, `pnpm`, `bun` or `yarn`",
			alias("package_manager", "/primary_package_manager", "/package_manager"),
		),
		source: optionalText("Who said so; with `fallback` nobody did"),
	}),
	paths: anything("Kept for other programs: `database`, `current_md`"),
	identity: anything("Names of identity files, as the setup wrote them"),
	owner: anything("Kept for other programs"),
	trust: anything("Kept for other programs"),
	capabilities: anything("Kept for other programs"),
	harness_compatibility: anything("Kept for other programs"),
} satisfies Keys;

/** What is read and checked, and nothing acts on yet. Whoever makes something act on it takes it out of here. */
export const WITHOUT_EFFECT: readonly string[] = [
	"harnesses",
	"agent.name",
	"agent.description",
	"memory.session_budget",
	"memory.current_md_budget",
	"memory.decay_rate",
	"memory.pipelineV2.semanticContradictionEnabled",
	"memory.pipelineV2.extraction",
	"memory.pipelineV2.worker",
	"memory.pipelineV2.graph.boostTimeoutMs",
	"memory.pipelineV2.reranker.model",
	"memory.pipelineV2.reranker.timeoutMs",
	"memory.pipelineV2.autonomous",
	"memory.pipelineV2.repair",
	"memory.pipelineV2.documents",
	"memory.pipelineV2.telemetryEnabled",
	"memory.pipelineV2.telemetry",
	"memory.synthesis",
	"hooks",
	"auth.sessionTokenTtlSeconds",
	"auth.rateLimits.taskRun",
	"features",
	"git",
	"install",
];
