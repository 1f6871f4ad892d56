import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { parseSettings } from "./settings.ts";

describe("search", () => {
	test.each([
		["", { alpha: 0.7, top_k: 20, min_score: 0.1, rehearsal_enabled: true, profile: "signet" }],
		["search:\n  top_k: 5\n  min_score: 0.9", { alpha: 0.7, top_k: 5, min_score: 0.9 }],
		["search:\n  alpha: 0.5", { alpha: 0.5, top_k: 20, min_score: 0.3 }],
		["search:\n  alpha: 0.5 # half\n  top_k: 7 # k", { alpha: 0.5, top_k: 7, min_score: 0.3 }],
		["search:\n  alpha: 2\n  top_k: 0\n  min_score: -1", { alpha: 1, top_k: 1, min_score: 0 }],
		["search:\n  alpha: null", { alpha: 0.7, min_score: 0.1 }],
		[
			"search:\n  rehearsal_weight: 5\n  rehearsal_half_life_days: 0",
			{ rehearsal_weight: 1, rehearsal_half_life_days: 1 },
		],
		["search:\n  profile: reference", { profile: "reference" }],
	])("%p", (text, expected) => {
		expect(parseSettings(text).search).toMatchObject(expected);
	});

	test("the environment chooses the profile over the file", () => {
		const settings = parseSettings("search:\n  profile: signet", { SIGNET_SEARCH_PROFILE: "reference" });
		expect(settings.search.profile).toBe("reference");
	});

	test("what is not used as written is named", () => {
		expect(parseSettings("search:\n  alpha: lots\n  top_k: 5000").warnings).toEqual([
			'search.alpha: "lots" is no number from 0 to 1; 0.7 is used',
			"search.top_k: 5000 is outside 1 to 1000; 1000 is used",
		]);
	});
});

describe("embedding", () => {
	test.each([
		["", { provider: "auto", model: "nomic-embed-text", dimensions: 768, baseUrl: "http://localhost:11434" }],
		["embedding:\n  provider: none\n  model: zzz", { provider: "none", model: "none" }],
		["embedding:\n  provider: ollama # local", { provider: "ollama", model: "nomic-embed-text", dimensions: 768 }],
		[
			"embedding:\n  provider: ollama\n  model: mine\n  base_url: http://box:1/",
			{ model: "mine", dimensions: undefined, baseUrl: "http://box:1/" },
		],
		[
			"embedding:\n  provider: openai\n  model: text-embedding-3-large",
			{ dimensions: 3072, baseUrl: "https://api.openai.com/v1" },
		],
		[
			"memory:\n  embeddings:\n    provider: openai",
			{ provider: "openai", model: "text-embedding-3-small", dimensions: 1536 },
		],
		["embeddings:\n  provider: none", { provider: "none" }],
		["embedding:\n  provider: local", { provider: "local", model: "bge-small-en-v1.5", apiKey: undefined }],
		["embedding:\n  provider: native\n  model: /opt/mine", { provider: "local", model: "/opt/mine" }],
		[`embedding:\n  provider: local\n  digest: SHA256:${"A".repeat(64)}`, { digest: "a".repeat(64) }],
		["embedding:\n  provider: nativ", { provider: "embedded" }],
	])("%p", (text, expected) => {
		expect(parseSettings(text).embedding).toMatchObject(expected);
	});

	test("the key comes from the file, else from the environment", () => {
		const env = { OPENAI_API_KEY: "from-environment" };
		expect(parseSettings("embedding:\n  provider: openai\n  api_key: k", env).embedding.apiKey).toBe("k");
		expect(parseSettings("embedding:\n  provider: openai", env).embedding.apiKey).toBe("from-environment");
		expect(parseSettings("embedding:\n  provider: ollama", env).embedding.apiKey).toBeUndefined();
	});

	test.each(["localhost:11434", "//box:1", "http://", "ftp://box"])("%p is told to be no address", (given) => {
		const { embedding, warnings } = parseSettings(`embedding:\n  provider: ollama\n  base_url: ${given}`);
		expect(embedding.baseUrl).toBe(given);
		expect(warnings[0]).toContain(`${JSON.stringify(given)} is no address`);
	});

	test("a reference to a secret is kept as one; one that can lead nowhere is told of", () => {
		const of = (key: string) => parseSettings(`embedding:\n  provider: openai\n  api_key: "${key}"`);
		expect(of("$secret:OPENAI").embedding.apiKey).toBe("$secret:OPENAI");
		expect(of("$secret:OPENAI").warnings).toEqual([]);
		expect(of("$secret:my-key").warnings[0]).toContain("embedding.api_key: $secret:my-key names no secret");
		expect(of("$secret:").warnings[0]).toContain("names no secret");
		const misplaced = parseSettings("embedding:\n  model: $secret:MODEL\n");
		expect(misplaced.embedding.model).toBe("nomic-embed-text");
		expect(misplaced.warnings[0]).toContain("embedding.model: a reference to a secret is not taken here");
	});
});

describe("memory.pipelineV2", () => {
	const pipeline = (text: string) => parseSettings(`memory:\n  pipelineV2:\n${text.replace(/^/gm, "    ")}`).pipeline;

	test("a nested key beats its flat name, and values are clamped", () => {
		const values = pipeline(
			"graph:\n  boostWeight: 0.4\ngraphBoostWeight: 0.1\nrerankerTopN: 5\nworkerPollMs: 150.5\nworkerMaxRetries: 99\nguardrails:\n  maxContentChars: 1\ndocuments:\n  chunkOverlap: lots",
		);
		expect(values.graph.boostWeight).toBe(0.4);
		expect(values.reranker.topN).toBe(5);
		expect(values.worker).toEqual({ pollMs: 150.5, maxRetries: 10, leaseTimeoutMs: 300_000 });
		expect(values.guardrails.maxContentChars).toBe(50);
		expect(values.documents.chunkOverlap).toBe(200);
	});

	test.each([
		["enabled: true", "claude-code"],
		["extraction:\n  provider: ollama\nextractionProvider: claude-code", "claude-code"],
		["extractionProvider: ollama", "ollama"],
		["extractionModel: llama3.2", "ollama"],
		["extraction:\n  model: qwen3:4b", "ollama"],
	])("%p extracts with %s", (text, provider) => {
		expect(pipeline(text).extraction.provider).toBe(provider as "ollama");
	});
});

test("features are the entries that are true or false", () => {
	const { features } = parseSettings(
		'features:\n  a: true\n  b: "false"\n  c: 1\n  d: yes please\n  e:\n  f: true # since March',
	);
	expect(features).toEqual({ a: true, b: false, f: true });
	expect(parseSettings("features: none").features).toEqual({});
});

test("files are remembered unless that is turned off", () => {
	expect(parseSettings("").files.enabled).toBe(true);
	expect(parseSettings("memory:\n  files:\n    enabled: false").files.enabled).toBe(false);
});

test("an authentication mode is passed on as written, however it is written", () => {
	expect(parseSettings("").auth.mode).toBe("local");
	expect(parseSettings("auth: {mode: team}").auth.mode).toBe("team");
	expect(parseSettings("auth:\n  mode: Team # note").auth.mode).toBe("Team");
	expect(parseSettings("auth: team").auth.mode).toBe("team");
});

describe("files that are no YAML", () => {
	test("load line by line, with a warning", () => {
		const settings = parseSettings("name: a: b: c\n\tbad\nsearch:\n  alpha: 0.2 # note\n  top_k: '9\n");
		expect(settings.search).toMatchObject({ alpha: 0.2, top_k: 9 });
		expect(settings.warnings[0]).toMatch(/^agent\.yaml:1:\d+: not valid YAML \(.+\); read line by line instead$/);
	});

	test("no text makes reading fail", () => {
		fc.assert(
			fc.property(fc.string({ unit: "grapheme" }), (text) => {
				expect(parseSettings(text).search.top_k).toBeNumber();
			}),
		);
	});
});
