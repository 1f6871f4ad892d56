import { describe, expect, test } from "bun:test";
import { type NetworkRequest, type NetworkResponse, notFound, parseSettings } from "@signet/core";
import { type NetworkScript, seededWorld } from "@signet/core/testing";
import { EmbeddingService } from "./embedding-service.ts";
import { EmbeddingFailure } from "./provider.ts";
import { ProviderChecker } from "./provider-check.ts";

const OLLAMA = "embedding:\n  provider: ollama\n  model: m\n  dimensions: 2\n  base_url: http://models\n";
const OPENAI = "embedding:\n  provider: openai\n  model: m\n  base_url: http://models/v1\n  api_key: key\n";

interface Asked {
	readonly url: string;
	readonly body: { readonly input?: string[]; readonly prompt?: string };
	readonly headers: NetworkRequest["headers"];
}

function service(yaml: string, answer: (asked: Asked) => NetworkResponse | Promise<NetworkResponse>) {
	const asked: Asked[] = [];
	const script: NetworkScript = (url, { body, headers }) => {
		const one = { url, body: JSON.parse(body ?? "{}"), headers };
		asked.push(one);
		return answer(one);
	};
	const world = seededWorld({ network: script });
	let settings = parseSettings(yaml).embedding;
	const found: number[] = [];
	const vault = new Vault();
	const embeddings = new EmbeddingService(
		world,
		() => settings,
		() => found.push(world.clock.monotonicMs()),
		undefined,
		vault,
	);
	const checker = new ProviderChecker(world, () => settings, embeddings, vault);
	const configure = (next: string) => {
		settings = parseSettings(next).embedding;
	};
	return { embeddings, world, asked, configure, found, vault, checker };
}

/** Secrets in memory. */
class Vault {
	changes = 0;
	readonly #values = new Map<string, string>();

	async resolve(name: string): Promise<string> {
		const value = this.#values.get(name);
		if (value === undefined) throw notFound(`Secret '${name}' not found`);
		return value;
	}

	put(name: string, value: string): void {
		this.#values.set(name, value);
		this.changes++;
	}
}

const ok = (value: unknown): NetworkResponse => ({ status: 200, text: JSON.stringify(value) });
const vectorsFor = ({ body }: Asked) => ok({ embeddings: body.input?.map((text) => [text.length, 1]) });
const failureOf = (promise: Promise<unknown>) =>
	promise.then(
		() => undefined,
		(error: EmbeddingFailure) => error,
	);

describe("documents", () => {
	test("that are asked for together are sent together, and each gets its own", async () => {
		const { embeddings, asked } = service(OLLAMA, vectorsFor);
		const vectors = await Promise.all(["a", "bb", "ccc"].map((text) => embeddings.document(text)));
		expect(vectors.map(([first]) => first)).toEqual([1, 2, 3]);
		expect(asked.map(({ url, body }) => [url, body.input])).toEqual([["http://models/api/embed", ["a", "bb", "ccc"]]]);
	});

	test("one that has no vector does not keep the others from theirs", async () => {
		const { embeddings } = service(OLLAMA, ({ body }) =>
			ok({ embeddings: body.input?.map((text) => (text === "!" ? [0, 0] : [1, 2])) }),
		);
		const [good, bad] = await Promise.allSettled([embeddings.document("good"), embeddings.document("!")]);
		expect(good?.status).toBe("fulfilled");
		expect(bad?.status === "rejected" && bad.reason.isRefusal).toBe(true);
		expect(await embeddings.document("again")).toEqual(Float32Array.of(1, 2));
	});

	test("vectors of another length than configured are refused with what to correct", async () => {
		const { embeddings } = service(OLLAMA, () => ok({ embeddings: [[1, 2, 3]] }));
		expect((await failureOf(embeddings.document("a")))?.message).toContain(
			"vectors of 3 numbers, but embedding.dimensions is 2",
		);
	});

	test.each([
		["no JSON", { status: 200, text: "<html>" }],
		["an error", { status: 500, text: "out of memory" }],
		["too few vectors", ok({ embeddings: [] })],
		["no vectors", ok({})],
		["no numbers", ok({ embeddings: [["a", "b"]] })],
	])("an answer with %s is a failure, not a crash", async (_, answer) => {
		const { embeddings } = service(OLLAMA, () => answer);
		expect(await failureOf(embeddings.document("a"))).toBeInstanceOf(EmbeddingFailure);
	});
});

test("a server that refuses everything fails, and one that refuses a text does not", async () => {
	const picky = service(OLLAMA, (asked) =>
		asked.body.input?.includes("poison") ? { status: 400, text: "too long" } : vectorsFor(asked),
	);
	expect((await failureOf(picky.embeddings.document("poison")))?.isRefusal).toBe(true);
	expect(picky.embeddings.state.problem).toBeUndefined();
	const broken = service(OLLAMA, () => ({ status: 400, text: "Invalid model name" }));
	expect((await failureOf(broken.embeddings.document("fine")))?.isRefusal).toBe(false);
	expect(broken.embeddings.state.problem).toContain("Invalid model name");
});

test("an Ollama that takes no batches is asked one by one", async () => {
	const { embeddings, asked } = service(OLLAMA, ({ url, body }) =>
		url.endsWith("/api/embed")
			? { status: 404, text: "404 page not found" }
			: ok({ embedding: [body.prompt?.length, 1] }),
	);
	const vectors = await Promise.all([embeddings.document("a"), embeddings.document("bb")]);
	expect(vectors.map(([first]) => first)).toEqual([1, 2]);
	expect(asked.map(({ url }) => url.replace("http://models", ""))).toEqual([
		"/api/embed",
		"/api/embeddings",
		"/api/embeddings",
	]);
});

test("a model that Ollama does not have is named", async () => {
	const { embeddings } = service(OLLAMA, () => ({ status: 404, text: '{"error":"model \\"m\\" not found"}' }));
	expect((await failureOf(embeddings.document("a")))?.message).toContain("not found");
});

describe("an OpenAI-compatible server", () => {
	test("gets the key and may answer in any order", async () => {
		const { embeddings, asked } = service(OPENAI, () =>
			ok({
				data: [
					{ index: 1, embedding: [2, 2] },
					{ index: 0, embedding: [1, 1] },
				],
			}),
		);
		const vectors = await Promise.all([embeddings.document("a"), embeddings.document("b")]);
		expect(vectors.map(([first]) => first)).toEqual([1, 2]);
		expect(asked[0]?.url).toBe("http://models/v1/embeddings");
		expect(asked[0]?.headers).toMatchObject({ authorization: "Bearer key" });
	});

	test("is not asked without a key when it is the public one", async () => {
		const { embeddings, asked } = service("embedding:\n  provider: openai\n", vectorsFor);
		expect((await failureOf(embeddings.document("a")))?.message).toContain("no API key");
		expect(asked).toEqual([]);
	});
});

describe("settings that refer to a secret", () => {
	const withKey = (key: string) => OPENAI.replace("api_key: key", `api_key: ${key}`);
	const answer = ({ body }: Asked) =>
		ok({ data: body.input?.map((text, index) => ({ index, embedding: [text.length, 1] })) });

	test("are sent as its value", async () => {
		const { embeddings, asked, vault } = service(withKey("$secret:OPENAI"), answer);
		vault.put("OPENAI", "sk-from-the-vault\n");
		await embeddings.document("a");
		expect(asked[0]?.headers).toMatchObject({ authorization: "Bearer sk-from-the-vault" });
	});

	test("send nothing while it is missing, say so, and work as soon as it is stored", async () => {
		const { embeddings, asked, vault, found, checker } = service(withKey("$secret:OPENAI"), answer);
		const failure = await failureOf(embeddings.document("a"));
		expect(failure?.message).toBe(
			"embedding.api_key is $secret:OPENAI. Secret 'OPENAI' not found; store it: signet secret put OPENAI",
		);
		expect(failure?.isRefusal).toBe(false);
		expect(embeddings.state.problem).toContain("Secret 'OPENAI' not found");
		expect(await checker.check()).toMatchObject({ available: false, error: failure?.message });
		expect(asked).toEqual([]);
		vault.put("OPENAI", "sk-late");
		expect(embeddings.state.problem).toBeUndefined();
		expect(found).toHaveLength(1);
		expect(await embeddings.document("a")).toEqual(Float32Array.of(1, 1));
		expect(await checker.check()).toMatchObject({ available: true });
		vault.put("OPENAI", "sk-rotated");
		await embeddings.document("b");
		expect(asked.at(-1)?.headers).toMatchObject({ authorization: "Bearer sk-rotated" });
	});

	test.each(["$secret:", "$secret:my-key", "$secret:a b"])("%s leads nowhere, and is not sent", async (key) => {
		const { embeddings, asked } = service(withKey(JSON.stringify(key)), answer);
		expect((await failureOf(embeddings.document("a")))?.message).toContain("no secret can be called so");
		expect(asked).toEqual([]);
	});

	test("never tell a value that is no key", async () => {
		const { embeddings, asked, vault } = service(withKey("$secret:OPENAI"), answer);
		vault.put("OPENAI", "line one\nline two");
		const message = (await failureOf(embeddings.document("a")))?.message;
		expect(message).toContain("no key has");
		expect(message).not.toContain("line");
		expect(asked).toEqual([]);
	});

	test("may be the address, of either kind of server", async () => {
		const openAi = service(OPENAI.replace("http://models/v1", "$secret:WHERE"), answer);
		openAi.vault.put("WHERE", "http://hidden/v1");
		await openAi.embeddings.document("a");
		expect(openAi.asked[0]?.url).toBe("http://hidden/v1/embeddings");
		const ollama = service(OLLAMA.replace("http://models", "$secret:WHERE"), vectorsFor);
		expect((await failureOf(ollama.embeddings.document("a")))?.message).toContain(
			"embedding.base_url is $secret:WHERE",
		);
		ollama.vault.put("WHERE", "http://hidden");
		await ollama.embeddings.document("a");
		expect(ollama.asked.map(({ url }) => url)).toEqual(["http://hidden/api/embed"]);
	});
});

describe("questions", () => {
	test("that were asked before are answered from memory", async () => {
		const { embeddings, asked } = service(OLLAMA, vectorsFor);
		const both = await Promise.all([embeddings.query("where"), embeddings.query("where")]);
		expect(await embeddings.query("where")).toEqual(both[0]);
		expect(asked).toHaveLength(1);
		expect(both[0]?.model).toBe("ollama:m");
	});

	test("wait for a slow server once; the next ones do not, until it has answered", async () => {
		const { promise: answered, resolve } = Promise.withResolvers<NetworkResponse>();
		const { embeddings, world } = service(OLLAMA, () => answered);
		const first = failureOf(embeddings.query("first"));
		await world.advance(1_500);
		expect((await first)?.message).toContain("did not answer within 1500 ms");
		expect((await failureOf(embeddings.query("second")))?.message).toContain("slow to answer");
		resolve(ok({ embeddings: [[1, 2]] }));
		await world.advance(1);
		expect((await embeddings.query("first"))?.vector).toEqual(Float32Array.of(1, 2));
	});

	test("say in plain words what keeps a server from answering", async () => {
		const refused = Object.assign(new Error("Unable to connect. Is the computer able to access the url?"), {
			code: "ECONNREFUSED",
		});
		const { embeddings } = service(OLLAMA, () => Promise.reject(refused));
		expect((await failureOf(embeddings.query("a")))?.message).toBe(
			"http://models does not answer: nothing listens there",
		);
		const { embeddings: unnamed, asked } = service(OLLAMA.replace("http://", ""), vectorsFor);
		expect((await failureOf(unnamed.query("a")))?.message).toContain("embedding.base_url in agent.yaml cannot be used");
		expect(asked).toEqual([]);
	});

	test("fail at once while a server that failed is left alone, and work again after that", async () => {
		let isDown = true;
		const { embeddings, world, asked } = service(OLLAMA, (request) => {
			if (isDown) throw new Error("connection refused");
			return vectorsFor(request);
		});
		expect((await failureOf(embeddings.query("a")))?.message).toContain("http://models does not answer");
		expect((await failureOf(embeddings.query("b")))?.message).toContain("http://models does not answer");
		expect(asked).toHaveLength(1);
		expect(embeddings.state.problem).toContain("does not answer");
		isDown = false;
		await world.advance(1_000);
		expect((await embeddings.query("a"))?.vector).toEqual(Float32Array.of(1, 1));
		expect(embeddings.state.problem).toBeUndefined();
	});

	test("have no vector when vectors are switched off", async () => {
		const { embeddings } = service("embedding:\n  provider: none\n", vectorsFor);
		expect(await embeddings.query("a")).toBeUndefined();
		expect(embeddings.state.model).toBeNull();
	});
});

describe("with nothing configured", () => {
	test("vectors are embedded at once, and nobody is asked before there is a text", async () => {
		const { embeddings, asked } = service("", () => ok({ models: [] }));
		expect(embeddings.state.model).toStartWith("embedded:");
		expect(asked).toEqual([]);
		expect((await embeddings.query("a"))?.vector).toHaveLength(768);
	});

	test("an Ollama that has the default model is used as soon as it is there", async () => {
		let models: { name: string }[] = [{ name: "nomic-embed-text-v2:latest" }];
		const { embeddings, world, found } = service("", ({ url, body }) =>
			url.endsWith("/api/tags")
				? ok({ models })
				: ok({ embeddings: body.input?.map(() => Array.from({ length: 768 }, () => 1)) }),
		);
		await embeddings.query("a");
		await world.advance(1);
		expect(embeddings.state.model).toStartWith("embedded:");
		models = [{ name: "nomic-embed-text:latest" }];
		await world.advance(300_000);
		expect(embeddings.state.model).toBe("ollama:nomic-embed-text#search_document");
		expect(found).toHaveLength(1);
		expect((await embeddings.query("a"))?.vector).toHaveLength(768);
	});
});

test("a changed configuration holds at once", async () => {
	const { embeddings, configure } = service(OLLAMA, vectorsFor);
	expect((await embeddings.query("a"))?.model).toBe("ollama:m");
	configure("embedding:\n  provider: embedded\n");
	expect((await embeddings.query("a"))?.model).toStartWith("embedded:");
});

describe("a model that wants to know what a text is for", () => {
	const sent = async (yaml: string) => {
		const { embeddings, asked } = service(yaml, (one) => {
			const vectors = one.body.input?.map((text) => [text.length, 1]) ?? [];
			return ok({ embeddings: vectors, data: vectors.map((embedding, index) => ({ embedding, index })) });
		});
		await embeddings.document("A note");
		const { model } = (await embeddings.query("a question")) ?? {};
		return { model, texts: asked.flatMap(({ body }) => body.input) };
	};

	test.each([
		["nomic-embed-text:v1.5", "search_document: A note", "search_query: a question", "#search_document"],
		["intfloat/multilingual-e5-small", "passage: A note", "query: a question", "#passage"],
		["mxbai-embed-large", "A note", "Represent this sentence for searching relevant passages: a question", ""],
		["all-minilm", "A note", "a question", ""],
		["hash-768", "A note", "a question", ""],
	])("%p is told, and the name of its vectors tells", async (model, document, query, mark) => {
		expect(await sent(OLLAMA.replace("model: m", `model: "${model}"`))).toEqual({
			model: `ollama:${model}${mark}`,
			texts: [document, query],
		});
	});

	test("behind a server like OpenAI's too", async () => {
		const model = "text-embedding-nomic-embed-text-v1.5";
		expect(await sent(OPENAI.replace("model: m", `model: ${model}\n  dimensions: 2`))).toEqual({
			model: `openai:${model}#search_document`,
			texts: ["search_document: A note", "search_query: a question"],
		});
	});
});

test("an address that is none of a server is not asked, and the failure says where it stands", async () => {
	const { embeddings, asked } = service(OLLAMA.replace("http://models", "file:///etc"), vectorsFor);
	const failure = await failureOf(embeddings.document("text"));
	expect(failure?.message).toContain("embedding.base_url in agent.yaml cannot be used: file:///etc/api/embed");
	expect(asked).toEqual([]);
});
