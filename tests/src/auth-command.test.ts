import { expect, test } from "bun:test";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { Home } from "./home.ts";

const TIMEOUT_MS = 60_000;
const TEAM = { ".agents/agent.yaml": "embedding:\n  provider: none\nauth:\n  mode: team\n" };

test(
	"where tokens are asked for, the owner goes on as before, and others need one",
	async () => {
		await using home = new Home();
		home.write(TEAM);
		const { url } = await home.serve();
		await home.json("remember", "The release train leaves on Tuesdays", "--project", "/srv/shop");
		const { id } = await home.json("remember", "The blog is built by hand", "--project", "/srv/blog");
		expect((await home.json("status")).memories.total).toBe(2);
		expect((await home.json("auth", "status")).claims).toMatchObject({ sub: "owner", role: "admin" });
		for (const command of [["doctor"], ["list"], ["stats"], ["export", "out.json"]]) {
			expect([command, (await home.run(command)).code]).toEqual([command, 0]);
		}

		const { token, jti } = await home.json("auth", "token", "create", "--project", "/srv/shop", "--ttl", "1d");
		const recall = (env: Record<string, string>) => home.run(["recall", "--url", url, "train blog", "--json"], { env });
		const scoped = await recall({ SIGNET_TOKEN: token });
		expect(JSON.parse(scoped.stdout)).toMatchObject([{ project: "/srv/shop" }]);
		const stats = await home.run(["stats", "--url", url], { env: { SIGNET_TOKEN: token } });
		expect([stats.code, stats.stderr]).toEqual([0, ""]);
		expect(stats.stdout).toMatch(/^memories +1$/m);
		expect(stats.stdout).not.toContain("database");
		const status = await home.run(["auth", "status", "--url", url], { env: { SIGNET_TOKEN: token } });
		expect(status.stdout).toContain("agent");
		expect(status.stdout).not.toContain("refused");
		const refused = await home.run(["forget", id, "--url", url, "--yes"], {
			env: { SIGNET_TOKEN: token },
		});
		expect([refused.code, refused.stderr]).toEqual([5, expect.stringContaining(id)]);
		const bad = await home.run(["recall", "train", "--url", url.replace("localhost", "127.0.0.1")]);
		expect([bad.code, bad.stderr]).toEqual([4, expect.stringContaining("SIGNET_TOKEN")]);

		expect((await home.run(["auth", "token", "list"])).stdout).toContain(jti);
		const { jti: other } = await home.json("auth", "token", "create", "--project", "/srv/blog");
		expect((await home.run(["auth", "token", "revoke", ""])).stderr).toContain("More than one token begins");
		expect((await home.run(["auth", "token", "revoke", jti.slice(0, 8)])).stdout).toContain(jti);
		expect((await home.json("auth", "token", "list")).tokens).toMatchObject([
			{ jti: other, state: "valid" },
			{ jti, state: "revoked" },
		]);
		expect((await recall({ SIGNET_TOKEN: token })).code).toBe(4);
		expect((await home.run(["auth", "token", "revoke", jti])).code).toBe(5);
	},
	TIMEOUT_MS,
);

test(
	"the first token is made without a daemon, and holds when there is one",
	async () => {
		await using home = new Home();
		home.write(TEAM);
		const { token, jti } = await home.json("auth", "token", "create", "--role", "readonly", "--sub", "ci");
		expect(statSync(home.paths.authSecretFile).mode & 0o777).toBe(0o600);
		expect((await home.json("auth", "token", "list")).tokens).toMatchObject([
			{ jti, sub: "ci", issuedBy: "command line" },
		]);
		const tooLong = await home.run(["auth", "token", "create", "--ttl", "4000d"]);
		expect([tooLong.code, tooLong.stderr]).toEqual([2, expect.stringContaining("at most 31536000")]);
		const none = await home.run(["auth", "token", "create", "--ttl", "0"]);
		expect([none.code, none.stderr]).toEqual([2, expect.stringContaining("above 0")]);
		const { url } = await home.serve();
		const whoami = async () =>
			(await fetch(`${url}/api/auth/whoami`, { headers: { authorization: `Bearer ${token}` } })).status;
		expect(await whoami()).toBe(200);
		expect((await home.run(["auth", "token", "rotate", "--grace", "0"])).code).toBe(2);
		expect((await home.run(["auth", "token", "rotate", "--grace", "0", "--yes"])).code).toBe(0);
		expect(await whoami()).toBe(401);
		expect((await home.json("auth", "token", "list")).tokens).toMatchObject([{ jti, state: "stale" }]);
	},
	TIMEOUT_MS,
);

test(
	"a daemon that has no use for tokens says how to have it ask for them",
	async () => {
		await using home = new Home();
		await home.serve();
		for (const command of [["create"], ["list"], ["revoke", "x"], ["rotate"]]) {
			const { code, stderr } = await home.run(["auth", "token", ...command]);
			expect([command, code]).toEqual([command, 6]);
			expect(stderr).toContain("auth.mode is local");
			expect(stderr).toContain("config set auth.mode team");
		}
	},
	TIMEOUT_MS,
);

test(
	"the owner's token is told to nobody but the daemon of the workspace",
	async () => {
		await using home = new Home();
		home.write(TEAM);
		await home.serve();
		const token = readFileSync(home.paths.clientTokenFile, "utf8");
		const heard: string[] = [];
		await using stranger = Bun.serve({
			hostname: "127.0.0.1",
			port: 0,
			fetch(request) {
				heard.push(request.headers.get("authorization") ?? "nothing");
				return Response.json({ status: "healthy", db: true });
			},
		});
		await home.run(["recall", "train", "--url", `http://127.0.0.1:${stranger.port}`]);
		await home.run(["recall", "train"], { env: { SIGNET_DAEMON_URL: `http://127.0.0.1:${stranger.port}` } });
		expect(heard.length).toBeGreaterThan(0);
		expect(heard.filter((each) => each.includes(token))).toEqual([]);
	},
	TIMEOUT_MS,
);

test(
	"a configuration that might have been meant to keep somebody out keeps the daemon from starting",
	async () => {
		await using home = new Home();
		home.write({ ".agents/agent.yaml": "# ours\nauth:\n  mode: Team\n" });
		const { code, stderr } = await home.run(["daemon"]);
		expect(code).toBe(1);
		expect(stderr).toContain('agent.yaml:3: auth.mode: "Team" is none of local, team, hybrid');
		expect(existsSync(home.paths.database)).toBe(false);
		expect((await home.run(["auth", "status"])).stdout).toContain("does not start with this configuration");
		const started = await home.run(["start", "--json"]);
		expect(JSON.parse(started.stdout)).toEqual({
			error: expect.stringMatching(/^The daemon did not start: \S+agent.yaml:3: auth.mode: "Team" is none of/),
			advice: expect.stringContaining("Mend the file"),
			exitCode: 1,
		});
		home.write(TEAM);
		await home.run(["auth", "token", "create"]);
		writeFileSync(home.paths.authSecretFile, "short");
		const refused = await home.run(["daemon"]);
		expect(refused.stderr).toContain("auth-secret has 5 bytes");
		expect(readFileSync(home.paths.authSecretFile, "utf8")).toBe("short");
	},
	TIMEOUT_MS,
);
