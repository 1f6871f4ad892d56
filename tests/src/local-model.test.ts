import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tinyModel, writeTinyModel } from "@signet/search/testing";
import { Home, until } from "./home.ts";
import { startModelHub } from "./model-hub.ts";

const TIMEOUT_MS = 60_000;
const LOCAL = { ".agents/agent.yaml": "embedding:\n  provider: local\n  model: tiny\n" };
const CAR = "Ana has an automobile";
const DOCTOR = "Ben is a physician";

/** Processes that were started by another one, and are not ended yet. */
function childrenOf(parent: number): number[] {
	return readdirSync("/proc")
		.filter((name) => /^\d+$/.test(name))
		.map(Number)
		.filter((pid) => {
			try {
				const [state, parentOf] = readFileSync(`/proc/${pid}/stat`, "utf8")
					.replace(/^.*\) /s, "")
					.split(" ");
				return Number(parentOf) === parent && state !== "Z";
			} catch {
				return false;
			}
		});
}

const isAlive = (pid: number) => {
	try {
		return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
	} catch {
		return false;
	}
};

/** A daemon that has embedded two memories with a model that was placed by hand. */
async function embedded(home: Home) {
	writeTinyModel(join(home.paths.modelsFolder, "tiny"));
	home.write(LOCAL);
	const { process: daemon } = await home.serve();
	await home.json("remember", CAR);
	await home.json("remember", DOCTOR);
	await until(async () => ((await home.get("/api/embeddings/status")).body.available ? true : undefined));
	await until(async () => (await recalled(home, "vehicle")).results[0]?.content === CAR || undefined);
	return daemon;
}

/** What the daemon answers to a question. */
async function recalled(home: Home, query: string) {
	return (await home.get(`/api/memory/search?q=${encodeURIComponent(query)}`)).body;
}

describe.if(process.platform === "linux")("a model on this machine", () => {
	test(
		"finds what is meant by other words, in a process that starts with the first text and ends with the daemon",
		async () => {
			await using home = new Home();
			const daemon = await embedded(home);
			const { results, degraded } = await recalled(home, "who needs a medic?");
			expect(results[0].content).toBe(DOCTOR);
			expect(degraded).toBeUndefined();
			const [child = 0, ...others] = childrenOf(daemon.pid);
			expect(others).toEqual([]);
			expect(isAlive(child)).toBe(true);

			daemon.kill("SIGKILL");
			await daemon.exited;
			await until(() => !isAlive(child) || undefined);
		},
		TIMEOUT_MS,
	);

	test(
		"ends when nobody asks anything, and is there again when somebody does",
		async () => {
			await using home = new Home();
			home.env.SIGNET_MODEL_IDLE_SECONDS = "0.5";
			const daemon = await embedded(home);
			await until(() => childrenOf(daemon.pid).length === 0 || undefined);
			await until(async () => (await recalled(home, "medic")).results[0]?.content === DOCTOR || undefined);
		},
		TIMEOUT_MS,
	);

	test(
		"that is killed is started again",
		async () => {
			await using home = new Home();
			const daemon = await embedded(home);
			const [child = 0] = childrenOf(daemon.pid);
			process.kill(child, "SIGKILL");
			await until(() => !isAlive(child) || undefined);
			await until(async () => (await recalled(home, "medic")).results[0]?.content === DOCTOR || undefined);
			expect(childrenOf(daemon.pid)).not.toContain(child);
		},
		TIMEOUT_MS,
	);

	test(
		"that was changed is refused with what to do, and recall goes by words",
		async () => {
			await using home = new Home();
			const daemon = await embedded(home);
			daemon.kill();
			await daemon.exited;
			const file = join(home.paths.modelsFolder, "tiny", "model.onnx");
			const changed = readFileSync(file);
			changed.writeUInt8((changed.at(-1) ?? 0) ^ 1, changed.length - 1);
			writeFileSync(file, changed);

			await home.serve();
			const answer = await until(async () => {
				const found = await recalled(home, "physician");
				return found.degraded ? found : undefined;
			});
			expect(answer.results[0].content).toBe(DOCTOR);
			const { body } = await home.get("/api/status");
			expect(body.embedding.active.problem).toContain(`${file} is refused: it has changed since it was taken`);
			expect(readFileSync(file)).toEqual(changed);
		},
		TIMEOUT_MS,
	);
});

describe("a model that is not here", () => {
	const files = { "model.onnx": tinyModel().model, "tokenizer.json": tinyModel().tokenizer };

	test(
		"is downloaded with the first text, and not before",
		async () => {
			await using home = new Home();
			using hub = startModelHub({ files });
			home.env.SIGNET_MODEL_URL = hub.url;
			home.write({ ".agents/agent.yaml": "embedding:\n  provider: native\n" });
			await home.serve();
			await home.get("/api/embeddings/status");
			expect(hub.asked).toEqual([]);
			await home.json("remember", CAR);
			await until(async () => (await recalled(home, "vehicle")).results[0]?.content === CAR || undefined);
			await until(async () => {
				const { stdout } = await home.run(["logs"]);
				return stdout.includes("downloading the model bge-small-en-v1.5") || undefined;
			});
			expect(hub.asked.map(({ path }) => path)).toEqual([
				"/Xenova/bge-small-en-v1.5/resolve/main/tokenizer.json",
				"/Xenova/bge-small-en-v1.5/resolve/main/onnx/model_quantized.onnx",
				"/cdn/model",
			]);
		},
		TIMEOUT_MS,
	);

	test(
		"is pulled, listed and removed by its name",
		async () => {
			await using home = new Home();
			using hub = startModelHub({ files });
			const env = { SIGNET_MODEL_URL: hub.url };
			const stateOfIt = async () => {
				const { models } = await home.json("model", "list");
				return models.find(({ name }: { name: string }) => name === "all-MiniLM-L6-v2").state;
			};
			expect(await stateOfIt()).toBe("absent");
			const pulled = await home.run(["model", "pull", "all-minilm"], { env });
			expect(pulled).toMatchObject({ code: 0, stderr: "" });
			expect(pulled.stdout).toContain("✓ all-MiniLM-L6-v2 is in ");
			expect(await stateOfIt()).toBe("ready");
			const again = await home.run(["model", "pull", "all-minilm"]);
			expect(again.stdout).toContain("is here already");
			await home.run(["config", "set", "embedding.provider", "local"]);
			await home.run(["config", "set", "embedding.model", "all-minilm"]);
			const removed = await home.run(["model", "remove", "all-minilm"]);
			expect([removed.code, removed.stdout]).toEqual([0, expect.stringContaining("downloads it again")]);
			expect(await stateOfIt()).toBe("absent");
		},
		TIMEOUT_MS,
	);

	test(
		"is not taken when it is not what it should be",
		async () => {
			await using home = new Home();
			using hub = startModelHub({ files, isLying: true });
			const { code, stderr } = await home.run(["model", "pull"], { env: { SIGNET_MODEL_URL: hub.url } });
			expect(code).toBe(1);
			expect(stderr).toContain("was not taken: it is sha256:");
			expect(existsSync(join(home.paths.modelsFolder, "bge-small-en-v1.5", "model.onnx"))).toBe(false);
		},
		TIMEOUT_MS,
	);

	test("placed by hand is not removed, and one from anywhere but https is not asked for", async () => {
		await using home = new Home();
		writeTinyModel(join(home.paths.modelsFolder, "tiny"));
		const removed = await home.run(["model", "remove", "tiny"]);
		expect(removed.code).toBe(1);
		expect((await home.run(["model", "remove", "other"])).code).toBe(5);
		expect(removed.stderr).toContain("was placed by hand");
		expect(existsSync(join(home.paths.modelsFolder, "tiny", "model.onnx"))).toBe(true);
		const env = { SIGNET_MODEL_URL: "http://models.example" };
		expect((await home.run(["model", "pull"], { env })).stderr).toContain("which is no https address");
	});
});
