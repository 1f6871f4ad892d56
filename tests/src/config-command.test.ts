import { describe, expect, test } from "bun:test";
import { existsSync, lstatSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Home, until } from "./home.ts";

const TIMEOUT_MS = 30_000;

const FILE = `# Nova's settings
agent:
  name: Nova   # she

search:
  # found by trying
  top_k: 25
harnesses:
  - claude-code
  - codex
`;

describe("without a daemon", () => {
	test(
		"set makes the file, for its owner alone; get, list and unset know it",
		async () => {
			await using home = new Home();
			const file = join(home.paths.root, "agent.yaml");
			expect(await home.json("config", "get", "search.top_k")).toMatchObject({ value: 20, from: "default" });
			expect(existsSync(home.paths.root)).toBe(false);
			expect(await home.json("config", "set", "search.top_k", "40")).toEqual({
				key: "search.top_k",
				value: 40,
				was: 20,
				file,
				changed: true,
			});
			expect(readFileSync(file, "utf8")).toBe("search:\n  top_k: 40\n");
			expect(statSync(file).mode & 0o777).toBe(0o600);
			expect(await home.run(["config", "get", "search.top_k"])).toEqual({ code: 0, stdout: "40\n", stderr: "" });
			expect(await home.json("config", "get", "search.top_k")).toMatchObject({ value: 40, from: "file", line: 2 });
			expect(await home.json("config", "set", "search.top_k", "40")).toMatchObject({ changed: false });
			const { settings } = await home.json("config", "list", "--set");
			expect(settings).toMatchObject([{ key: "search.top_k", value: 40, takes: "a whole number from 1 to 1000" }]);
			expect(await home.json("config", "unset", "search.top_k")).toMatchObject({ value: 20, changed: true });
			expect(await home.json("config", "unset", "search.top_k")).toMatchObject({ value: 20, changed: false });
			expect((await home.json("config", "list")).settings.length).toBeGreaterThan(100);
		},
		TIMEOUT_MS,
	);

	test(
		"everything else in the file stays, to the letter",
		async () => {
			await using home = new Home();
			home.write({ ".agents/config.yaml": FILE });
			const read = () => readFileSync(join(home.paths.root, "config.yaml"), "utf8");
			expect((await home.run(["config", "set", "search.top_k", "40"])).code).toBe(0);
			expect(read()).toBe(FILE.replace("25", "40"));
			expect((await home.run(["config", "set", "agent.name", "Nova", "the", "second"])).code).toBe(0);
			expect(read()).toBe(FILE.replace("25", "40").replace("Nova   #", "Nova the second   #"));
			expect((await home.run(["config", "set", "harnesses", "codex,opencode", "pi"])).code).toBe(0);
			expect(await home.json("config", "get", "harnesses")).toMatchObject({
				value: ["codex", "opencode", "pi"],
				line: 8,
			});
			expect((await home.run(["config", "get", "harnesses"])).stdout).toBe("codex\nopencode\npi\n");
			expect(existsSync(join(home.paths.root, "agent.yaml"))).toBe(false);
			expect((await home.run(["config", "check"])).code).toBe(0);
		},
		TIMEOUT_MS,
	);

	test(
		"what is wrong changes nothing, says why, and ends as documented",
		async () => {
			await using home = new Home();
			home.write({ ".agents/agent.yaml": FILE });
			for (const [args, code, says] of [
				[["set", "search.top_k", "5000"], 2, "5000 is outside 1 to 1000"],
				[["set", "search.top_k", "many"], 2, '"many" is no number from 1 to 1000'],
				[["set", "search.profile", "best"], 2, "none of signet, reference"],
				[["set", "search.rehearsal_enabled", "yes"], 2, "neither true nor false"],
				[["set", "search.topk", "5"], 5, "Did you mean search.top_k?"],
				[["set", "search", "5"], 5, "config list search"],
				[["set", "identity", "x"], 2, "kept for other programs"],
				[["set", "search.top_k"], 2, "missing required argument"],
				[["get", "nothing.at.all"], 5, "config list"],
				[["unset", "nothing"], 5, "There is no setting nothing"],
				[["list", "nothing"], 5, "There is no section nothing"],
			] as const) {
				const { code: ended, stderr } = await home.run(["config", ...args]);
				expect([args, ended]).toEqual([args, code]);
				expect(stderr).toContain(says);
			}
			const address = ["config", "set", "embedding.base_url", "box:11434"];
			expect((await home.run(address)).stdout).toContain('"box:11434" is no address: it has to begin with http');
			await home.run(["config", "unset", "embedding.base_url"]);
			const answer = await home.run(["config", "set", "search.topk", "5", "--json"]);
			expect(JSON.parse(answer.stdout)).toMatchObject({ exitCode: 5, advice: "Did you mean search.top_k?" });
			expect(readFileSync(join(home.paths.root, "agent.yaml"), "utf8")).toBe(FILE);
		},
		TIMEOUT_MS,
	);

	test(
		"check says what is not used, where, and what was meant",
		async () => {
			await using home = new Home();
			expect(await home.json("config", "check")).toEqual({ file: null, isValid: true, problems: [] });
			home.write({ ".agents/agent.yaml": "serch:\n  top_k: 3\nsearch:\n  alpha: 7\n  profile: 'refer\n" });
			const { code, stdout } = await home.run(["config", "check"]);
			expect(code).toBe(1);
			expect(stdout).toContain("agent.yaml:1:1  serch: there is no such setting; did you mean search?");
			expect(stdout).toContain("agent.yaml:4:3  search.alpha: 7 is outside 0 to 1; 1 is used");
			expect(stdout).toContain("agent.yaml:5:12  not valid YAML (the quote that begins here does not end)");
			const { problems } = JSON.parse((await home.run(["config", "check", "--json"])).stdout);
			expect(problems[0]).toMatchObject({ kind: "unknown", key: "serch", line: 1, column: 1 });
			const set = await home.run(["config", "set", "search.top_k", "5"]);
			expect(set.code).toBe(1);
			expect(set.stderr).toContain("line 5, column 12");
			const doctor = await home.run(["doctor"]);
			expect(doctor.stdout).toContain("agent.yaml:5:12  not valid YAML");
		},
		TIMEOUT_MS,
	);

	test(
		"a key comes in on standard input, and is not shown but to who asks for it",
		async () => {
			await using home = new Home();
			const set = await home.run(["config", "set", "embedding.api_key", "-"], { stdin: "sk-quite-secret\n" });
			const list = await home.run(["config", "list"]);
			const listed = await home.run(["config", "list", "--json"]);
			for (const { code, stdout, stderr } of [set, list, listed]) {
				expect(code).toBe(0);
				expect(stdout + stderr).not.toContain("sk-quite-secret");
			}
			expect((await home.run(["config", "get", "embedding.api_key"])).stdout).toBe("sk-quite-secret\n");
			const env = { OPENAI_API_KEY: "sk-of-the-environment", SIGNET_SEARCH_PROFILE: "reference" };
			const profile = await home.run(["config", "get", "search.profile", "--json"], { env });
			expect(JSON.parse(profile.stdout)).toMatchObject({
				value: "reference",
				from: "environment",
				variable: "SIGNET_SEARCH_PROFILE",
			});
			expect((await home.run(["config", "set", "search.profile", "signet"], { env })).stdout).toContain("wins");
		},
		TIMEOUT_MS,
	);

	test(
		"ten changes at once are all made",
		async () => {
			await using home = new Home();
			const names = Array.from({ length: 10 }, (_, at) => `features.number${at}`);
			await Promise.all(names.map((name) => home.json("config", "set", name, "true")));
			for (const name of names) expect(await home.json("config", "get", name)).toMatchObject({ value: true });
		},
		TIMEOUT_MS,
	);

	test(
		"a link to the file stays one",
		async () => {
			await using home = new Home();
			home.write({ "dotfiles/agent.yaml": FILE, ".agents/MEMORY.md": "" });
			const link = join(home.paths.root, "agent.yaml");
			symlinkSync(join(home.folder, "dotfiles", "agent.yaml"), link);
			expect((await home.run(["config", "set", "search.top_k", "40"])).code).toBe(0);
			expect(lstatSync(link).isSymbolicLink()).toBe(true);
			expect(readFileSync(join(home.folder, "dotfiles", "agent.yaml"), "utf8")).toBe(FILE.replace("25", "40"));
		},
		TIMEOUT_MS,
	);
});

test(
	"a daemon takes up what is set, keeps on when the file breaks, and doctor and status say so",
	async () => {
		await using home = new Home();
		home.write({ ".agents/agent.yaml": "embedding:\n  provider: embedded\n" });
		await home.serve();
		const topK = async () => (await home.get("/api/status")).body.search.top_k;
		await home.json("config", "set", "search.top_k", "40");
		expect(await topK()).toBe(40);
		writeFileSync(join(home.paths.root, "agent.yaml"), "search:\n  top_k: 'fifty\n");
		expect(await topK()).toBe(40);
		const broken = "agent.yaml:2:10: not valid YAML (the quote that begins here does not end)";
		const doctor = await home.run(["doctor"]);
		expect(doctor.code).toBe(1);
		expect(doctor.stdout).toContain(`${broken}; the settings from before stay in force`);
		expect((await home.run(["status"])).stdout).toContain(broken);
		// The log is written a second behind.
		await until(async () => (await home.run(["logs", "-c", "config"])).stdout.includes(broken) || undefined);
		writeFileSync(join(home.paths.root, "agent.yaml"), "embedding:\n  provider: embedded\nsearch:\n  top_k: 50\n");
		expect(await topK()).toBe(50);
		expect((await home.run(["doctor"])).code).toBe(0);
		await home.json("config", "unset", "search.top_k");
		expect(await topK()).toBe(20);
	},
	TIMEOUT_MS,
);
