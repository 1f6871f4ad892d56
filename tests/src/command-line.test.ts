import { describe, expect, test } from "bun:test";
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Home, until } from "./home.ts";

const TIMEOUT_MS = 30_000;
/** A vault without secrets. */
const STORE = '{"version":1,"secrets":{}}';

describe("without a daemon", () => {
	test(
		"help, version and mistakes end as documented",
		async () => {
			await using home = new Home();
			expect(await home.run(["--version"])).toMatchObject({
				code: 0,
				stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
			});
			expect((await home.run([])).stdout).toContain("Usage: signet");
			expect((await home.run(["recall", "--help"])).stdout).toContain("--min-score");
			for (const args of [
				["remmber", "x"],
				["recall"],
				["recall", "x", "--limit", "many"],
				["list", "--colour"],
				["recall", "x", "--limit", "0"],
				["list", "--limit", "0"],
				["bench", "--clients", "0"],
				["logs", "-l", "loud"],
			]) {
				expect([args, (await home.run(args)).code]).toEqual([args, 2]);
			}
			expect((await home.run(["remmber", "x"])).stderr).toContain("Did you mean remember?");
			const { stderr } = await home.run(["secret", "put"]);
			expect(stderr).toContain("signet: missing required argument 'name'");
			expect(stderr).toContain("signet secret put --help");
			expect((await home.run(["secret"])).code).toBe(2);
			expect((await home.run(["recall", "x", "--limit", "0"])).stderr).toContain("must be a whole number above 0");
		},
		TIMEOUT_MS,
	);

	test(
		"commands that need one say how to start it",
		async () => {
			await using home = new Home();
			home.env.SIGNET_PORT = "1";
			for (const args of [["remember", "x"], ["recall", "x"], ["list"], ["show", "x"]]) {
				const { code, stderr } = await home.run(args);
				expect([args, code]).toEqual([args, 3]);
				expect(stderr).toContain("The daemon is not running");
				expect(stderr).toContain("signet start");
			}
			expect(await home.run(["status"])).toMatchObject({ code: 3, stdout: expect.stringContaining("not running") });
			expect(JSON.parse((await home.run(["status", "--json"])).stdout)).toEqual({
				running: false,
				agentsDir: home.paths.root,
			});
			expect(await home.run(["stop"])).toMatchObject({ code: 0, stdout: "It was not running\n" });
		},
		TIMEOUT_MS,
	);
});

describe("start, stop, restart", () => {
	test(
		"start returns when the daemon answers; everything finds it through the workspace",
		async () => {
			await using home = new Home();
			const started = await home.json("start");
			expect(started.status).toBe("started");
			expect((await fetch(`${started.url}/health`)).status).toBe(200);
			expect((await home.json("status")).pid).toBe(started.pid);
			expect(await home.json("start")).toMatchObject({ status: "already-running", pid: started.pid });
			const restarted = await home.json("restart");
			expect(restarted.status).toBe("restarted");
			expect(restarted.pid).not.toBe(started.pid);
			expect(await home.json("stop")).toEqual({ status: "stopped", pid: restarted.pid });
			expect((await home.run(["status"])).code).toBe(3);
			expect(existsSync(home.paths.pidFile)).toBe(false);
		},
		TIMEOUT_MS,
	);

	test(
		"start says why the daemon does not start",
		async () => {
			await using home = new Home();
			home.write({ ".agents/memory/memories.db": "this is a diary and no database, whatever its name says" });
			const { code, stderr } = await home.run(["start"]);
			expect(code).toBe(1);
			expect(stderr).toContain("The daemon did not start");
			expect(stderr).toContain("is no SQLite database");
			expect(readFileSync(home.paths.database, "utf8")).toStartWith("this is a diary");
		},
		TIMEOUT_MS,
	);

	test(
		"a second daemon is told who has the workspace",
		async () => {
			await using home = new Home();
			const { url } = await home.serve();
			const { code, stderr } = await home.run(["daemon"]);
			expect(code).toBe(0);
			expect(stderr).toContain(url);
			expect(stderr).toContain(`is serving the workspace ${home.paths.root}`);
			expect((await fetch(`${url}/health`)).status).toBe(200);
		},
		TIMEOUT_MS,
	);

	test(
		"a crash leaves nothing in the way",
		async () => {
			await using home = new Home();
			const { process: daemon } = await home.serve();
			daemon.kill("SIGKILL");
			await daemon.exited;
			expect(existsSync(home.paths.pidFile)).toBe(true);
			expect((await home.run(["status"])).code).toBe(3);
			expect((await home.run(["stop"])).stdout).toBe("It was not running\n");
			expect((await home.json("start")).status).toBe("started");
		},
		TIMEOUT_MS,
	);

	test.each(["SIGINT", "SIGTERM"] as const)(
		"%s ends it cleanly",
		async (signal) => {
			await using home = new Home();
			const { process: daemon } = await home.serve();
			daemon.kill(signal);
			expect(await daemon.exited).toBe(0);
			expect(existsSync(home.paths.pidFile)).toBe(false);
			expect(existsSync(`${home.paths.database}-wal`)).toBe(false);
		},
		TIMEOUT_MS,
	);

	test(
		"an IPv6 address may stand in brackets",
		async () => {
			await using home = new Home();
			home.env.SIGNET_HOST = "[::1]";
			expect((await home.json("start")).url).toMatch(/^http:\/\/\[::1\]:\d+$/);
			expect((await home.run(["status"])).code).toBe(0);
		},
		TIMEOUT_MS,
	);

	test("one that hangs is told soon, with what ends it", async () => {
		await using home = new Home();
		const { process: daemon } = await home.serve();
		daemon.kill("SIGSTOP");
		const { code, stderr } = await home.run(["status"]);
		daemon.kill("SIGCONT");
		expect([code, stderr]).toEqual([3, expect.stringContaining("did not answer in time")]);
		expect(stderr).toContain("restart --force");
	}, 40_000); // Sooner than a request would be given up.

	test(
		"what it makes is for its owner alone",
		async () => {
			await using home = new Home();
			await home.serve();
			for (const path of [
				home.paths.root,
				home.paths.database,
				home.paths.memoryFolder,
				home.paths.pidFile,
				home.paths.logFolder,
			]) {
				if (!existsSync(path)) continue;
				expect([path, statSync(path).mode & 0o077]).toEqual([path, 0]);
			}
		},
		TIMEOUT_MS,
	);
});

describe("remember, recall, list, show", () => {
	test(
		"an answer says when nothing sure is known, what holds no longer, and what was said around it",
		async () => {
			await using home = new Home();
			const { url } = await home.serve();
			const said = [
				{ content: "Which day suits you for the release review?", role: "assistant", who: "agent" },
				{ content: "The release review is on 12 May at 10:00", role: "user", who: "ana" },
				{ content: "Noted, I tell the others", role: "assistant", who: "agent" },
			];
			for (const [position, turn] of said.entries()) {
				const body = JSON.stringify({
					...turn,
					position,
					sessionId: "s1",
					createdAt: `2026-05-01T10:00:0${position}Z`,
				});
				await fetch(`${url}/api/memory/remember`, { method: "POST", body });
			}
			await home.run(["remember", "The release review is moved to 14 May"]);

			const { stdout } = await home.run(["recall", "When is the release review?", "--context", "1", "--explain"]);
			expect(stdout).toMatch(/confidence 0\.\d+|confidence 1/);
			expect(stdout).toMatch(/superseded by [0-9a-f]{8}/);
			expect(stdout).toMatch(/│ agent: Which day.*\n.*on 12 May at 10:00\n.*│ agent: Noted/);
			expect(stdout).not.toContain("Nothing sure");

			const unknown = ["recall", "Which review says anything about xylophones?"];
			expect((await home.run(unknown)).stdout).toContain("Nothing sure is known about that");
			const { stdout: list, stderr } = await home.run([...unknown, "--json"]);
			expect(JSON.parse(list)).toBeArray();
			expect(stderr).toContain("nothing sure is known about that");
			expect(await home.run(["recall", " "])).toMatchObject({ code: 2 });
			const elsewhere = await home.run(["recall", "When is the release review?", "--project", "acme"]);
			expect(elsewhere.stdout).toContain("among what the filters leave\n--project takes the whole name");
		},
		TIMEOUT_MS,
	);

	test(
		"one memory from beginning to end",
		async () => {
			await using home = new Home();
			await home.run(["start"]);
			const remembered = await home.json(
				"remember",
				"I",
				"prefer small pull requests",
				"--tags",
				"review,style",
				"-i",
				"0.9",
			);
			expect(remembered).toMatchObject({ type: "preference", tags: "review,style", importance: 0.9, embedded: true });
			expect((await home.run(["remember", "-"], { stdin: "critical: never deploy on Fridays\n" })).stdout).toContain(
				"importance 1, pinned",
			);
			expect((await home.run(["remember", "I prefer small pull requests"])).stdout).toContain("Known already");
			expect(await home.json("remember", "--critical", "I prefer small pull requests")).toMatchObject({
				id: remembered.id,
				pinned: true,
				importance: 1,
			});
			await home.run(["unpin", remembered.id]);

			const [best] = await home.json("recall", "how do I like my pull requests?");
			expect(best.id).toBe(remembered.id);
			const shown = await home.run(["recall", "deploying on Fridays", "--explain"]);
			expect(shown.stdout).toContain("★ pinned");
			expect(shown.stdout).toContain("profile signet");
			expect((await home.run(["recall", "xylophones", "--min-score", "0.5"])).stdout).toContain(
				"Nothing is known about that",
			);

			const listing = await home.run(["list"]);
			expect(listing.stdout).toContain("★ never deploy on Fridays");
			expect(listing.stdout).toContain("2 shown of 2 memories");
			expect((await home.json("list", "--pinned")).memories).toHaveLength(1);

			expect((await home.run(["show", remembered.id.slice(0, 8)])).stdout).toContain("I prefer small pull requests");
			expect((await home.json("show", remembered.id)).who).toBe("user");
			expect(await home.run(["show", "ffffffff"])).toMatchObject({ code: 5 });
			expect(await home.run(["remember", "  "])).toMatchObject({ code: 2 });
			expect(await home.run(["list", "--since", "soon"])).toMatchObject({ code: 2 });
		},
		TIMEOUT_MS,
	);

	test(
		"with a provider that is away, the answer says so",
		async () => {
			await using home = new Home();
			home.write({ ".agents/agent.yaml": "embedding:\n  provider: ollama\n  base_url: http://127.0.0.1:9\n" });
			await home.run(["start"]);
			expect((await home.run(["remember", "Lighthouses need keepers"])).stdout).toContain("its vector follows");
			const { stdout } = await home.run(["recall", "lighthouse"]);
			expect(stdout).toContain("By words alone");
			expect(stdout).toContain("Lighthouses need keepers");
			expect((await home.run(["status"])).stdout).toContain("does not answer");
		},
		TIMEOUT_MS,
	);
});

test(
	"logs work with and without a daemon, and can be followed",
	async () => {
		await using home = new Home();
		await home.run(["start"]);
		const follower = Bun.spawn([...(await import("./program.ts")).program, "logs", "-f", "-n", "1", "--json"], {
			env: home.env,
			stdout: "pipe",
		});
		await home.run(["stop"]);
		const lines: string[] = [];
		const reader = follower.stdout.getReader();
		await until(async () => {
			const { value } = await reader.read();
			lines.push(new TextDecoder().decode(value));
			return lines.join("").includes('"stopped"') || undefined;
		});
		follower.kill();
		expect((await home.run(["logs"])).stdout).toMatch(/INFO {2}\[daemon\].* listening at/);
		expect((await home.run(["logs", "-l", "error"])).stdout).toContain("Nothing like that was logged today");
	},
	TIMEOUT_MS,
);

describe("doctor", () => {
	test(
		"shows what others can get at, and takes it away from them when asked to",
		async () => {
			await using home = new Home();
			const { root, configFiles } = home.paths;
			home.write({
				".agents/agent.yaml": "embedding:\n  provider: none\n  api_key: sk-1\n",
				".agents/.secrets/secrets.enc": STORE,
			});
			const secrets = join(root, ".secrets", "secrets.enc");
			chmodSync(secrets, 0o666);
			chmodSync(configFiles[0] ?? "", 0o644);
			const git = (...args: string[]) =>
				Bun.spawnSync(["git", "-C", root, ...args], { env: { HOME: root, PATH: process.env.PATH } });
			git("init", "--quiet");
			git("add", "--force", ".secrets/secrets.enc");
			const env = { PATH: process.env.PATH ?? "" };
			const before = await home.run(["doctor"], { env });
			expect(before.code).toBe(1);
			expect(before.stdout).toContain("other users of this machine can change");
			expect(before.stdout).toContain(secrets);
			expect(before.stdout).toContain("git keeps 1 private file");
			expect(before.stdout).toContain("rm -r --cached --quiet -- .secrets");
			expect(before.stdout).toContain("api_key stands in the configuration in plain text, line 3");
			expect(before.stdout).not.toContain("sk-1");
			git("rm", "-r", "--cached", "--quiet", "--", ".secrets");
			const after = await home.run(["doctor", "--fix"], { env });
			expect(after.code).toBe(0);
			expect(after.stdout).toContain("private files: mended");
			expect(after.stdout).toContain("keeps nothing private");
			expect(statSync(secrets).mode & 0o777).toBe(0o600);
			expect(statSync(configFiles[0] ?? "").mode & 0o777).toBe(0o600);
			expect(readFileSync(secrets, "utf8")).toBe(STORE);
		},
		TIMEOUT_MS,
	);

	test(
		"sees what a repository further up keeps of the workspace",
		async () => {
			await using home = new Home();
			home.write({ ".agents/.secrets/secrets.enc": STORE });
			const { root } = home.paths;
			const env = { PATH: process.env.PATH ?? "" };
			const above = dirname(root);
			Bun.spawnSync(["git", "-C", above, "init", "--quiet"], { env });
			Bun.spawnSync(["git", "-C", above, "add", "--force", root], { env });
			const { stdout } = await home.run(["doctor"], { env });
			expect(stdout).toContain("git keeps 1 private file");
			expect(stdout).toContain(`git -C ${root} rm -r --cached --quiet -- .secrets`);
		},
		TIMEOUT_MS,
	);

	test(
		"finds nothing wrong with a healthy workspace",
		async () => {
			await using home = new Home();
			await home.run(["start"]);
			const { healthy, findings } = await home.json("doctor");
			expect(healthy).toBe(true);
			expect(findings.map(({ check, status }: { check: string; status: string }) => `${check} ${status}`)).toEqual([
				"workspace ok",
				"private files ok",
				"configuration ok",
				"exposure ok",
				"database ok",
				"disk ok",
				"secrets ok",
				"daemon ok",
				"vectors ok",
			]);
			await home.run(["remember", "Kept"]);
			const { id } = await home.json("remember", "Forgotten");
			await home.run(["forget", id, "--yes"]);
			expect((await home.run(["doctor"])).stdout).toMatch(/sound, schema version \d+, 1 memory$/m);
		},
		TIMEOUT_MS,
	);

	test(
		"says what the daemon does not start with, and who reaches one that others can reach",
		async () => {
			await using home = new Home();
			home.write({ ".agents/agent.yaml": "auth:\n  trustedProxies: [banana]\nsearch:\n  alpha: lots\n" });
			chmodSync(home.paths.root, 0o700);
			const refused = await home.run(["doctor"]);
			expect(refused.code).toBe(1);
			expect(refused.stdout).toMatch(/^✗ configuration +\S+agent.yaml:2: auth.trustedProxies: "banana" is no address/m);
			expect(refused.stdout).toMatch(/^! configuration +agent.yaml:4:3 +search.alpha/m);

			home.write({ ".agents/agent.yaml": "auth:\n  mode: team\n" });
			await home.run(["start"], { env: { SIGNET_HOST: "0.0.0.0" } });
			const guarded = (await home.run(["doctor"])).stdout.split("\n").filter((line) => line.includes("exposure"));
			expect(guarded).toEqual(["✓ exposure       the daemon listens at 0.0.0.0, with tokens"]);
			await home.run(["stop"]);
			home.write({ ".agents/agent.yaml": "auth:\n  allowInsecureRemote: true\n" });
			await home.run(["start"], { env: { SIGNET_HOST: "0.0.0.0" } });
			const exposed = await home.run(["doctor"]);
			expect(exposed.code).toBe(1);
			expect(exposed.stdout).toMatch(/^✗ exposure +the daemon listens at 0.0.0.0, and asks nobody for a token/m);
		},
		TIMEOUT_MS,
	);

	test(
		"names what is broken and what to do, and changes nothing",
		async () => {
			await using home = new Home();
			const { process: daemon } = await home.serve();
			daemon.kill();
			await daemon.exited;
			const bytes = readFileSync(home.paths.database);
			bytes.fill(0xff, 200, 4096);
			writeFileSync(home.paths.database, bytes);
			chmodSync(home.paths.root, 0o755);
			home.write({ ".agents/agent.yaml": "search:\n  alpha: lots\n" });
			const { code, stdout } = await home.run(["doctor"]);
			expect(code).toBe(1);
			expect(stdout).toContain("✗ database");
			expect(stdout).toContain("other users of this machine can read");
			expect(stdout).toContain('search.alpha: "lots"');
			expect(stdout).toContain("The daemon is not running");
			expect(readFileSync(home.paths.database).equals(bytes)).toBe(true);
		},
		TIMEOUT_MS,
	);
});

test(
	"--path and --url reach another workspace and another daemon",
	async () => {
		await using home = new Home();
		await using other = new Home();
		await home.run(["start"]);
		await other.run(["start"]);
		await other.run(["remember", "Only the other one knows"]);
		expect(await home.json("recall", "other one knows", "--min-score", "0.4")).toEqual([]);
		const byPath = await home.json("recall", "other one knows", "--path", other.paths.root);
		expect(byPath).toHaveLength(1);
		const { url } = await other.json("status");
		expect(await home.json("recall", "other one knows", "--url", url)).toEqual(byPath);
	},
	TIMEOUT_MS,
);

test(
	"a program gets its errors as JSON",
	async () => {
		await using home = new Home();
		const { stdout, code } = await home.run(["recall", "anything", "--json"]);
		expect(code).toBe(3);
		expect(JSON.parse(stdout)).toMatchObject({ exitCode: 3, error: expect.stringContaining("not running") });
		const mistaken = await home.run(["secret", "list", "--colour", "--json"]);
		expect([mistaken.code, mistaken.stderr]).toEqual([2, ""]);
		expect(JSON.parse(mistaken.stdout)).toMatchObject({ exitCode: 2, error: "unknown option '--colour'" });
	},
	TIMEOUT_MS,
);

test(
	"an answer that is not understood is told in words",
	async () => {
		await using home = new Home();
		await using stranger = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => Response.json({ total: "many" }) });
		const { code, stderr } = await home.run(["stats", "--url", `http://127.0.0.1:${stranger.port}`]);
		expect(code).toBe(1);
		expect(stderr).toContain("answered what this program does not understand");
		expect(stderr).not.toContain("invalid_type");
	},
	TIMEOUT_MS,
);

test(
	"what is meant for one workspace never reaches the daemon of another",
	async () => {
		await using home = new Home();
		await using other = new Home();
		await other.run(["start"]);
		const { port } = new URL((await other.json("status")).url);
		const { stderr, code } = await home.run(["remember", "for this one alone"], { env: { SIGNET_PORT: port } });
		expect(code).toBe(3);
		expect(stderr).toContain(`The daemon of ${home.paths.root} is not running`);
		expect((await other.run(["list"])).stdout).not.toContain("for this one alone");
	},
	TIMEOUT_MS,
);

test(
	"what is piped in is remembered, and shown without what would command the terminal",
	async () => {
		await using home = new Home();
		await home.run(["start"]);
		expect((await home.run(["remember"], { stdin: "piped \u001b[31mred\u0007 text" })).code).toBe(0);
		expect((await home.run(["list"])).stdout).toContain("piped [31mred text");
	},
	TIMEOUT_MS,
);
