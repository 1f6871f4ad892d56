import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { chmodSync, chownSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Home } from "./home.ts";
import { program } from "./program.ts";

/**
 * Disks and permissions, as the operating system knows them. The superuser is never refused anything, so as root the
 * program runs as nobody; where even that is impossible these tests cannot be had.
 */
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;
const asOrdinaryUser = isRoot ? { uid: NOBODY, gid: NOBODY } : {};
const canRunOrdinarily =
	process.platform !== "win32" && Bun.spawnSync([...program, "--version"], asOrdinaryUser).success;
const TIMEOUT_MS = 30_000;

/** A home with a database in it, that belongs to the user as whom the program will run. */
async function usedHome(): Promise<Home> {
	const home = new Home();
	const { process: daemon } = await home.serve();
	daemon.kill();
	await daemon.exited;
	if (isRoot) {
		const { exitCode } = Bun.spawnSync(["/bin/chown", "-R", `${NOBODY}:${NOBODY}`, home.folder]);
		expect(exitCode).toBe(0);
	}
	return home;
}

async function refusal(home: Home): Promise<{ code: number; stderr: string }> {
	const child = Bun.spawn([...program, "daemon"], {
		env: home.env,
		stdout: "ignore",
		stderr: "pipe",
		...asOrdinaryUser,
	});
	const [stderr, code] = await Promise.all([child.stderr.text(), child.exited]);
	return { code, stderr };
}

const digest = (file: string) => createHash("sha256").update(readFileSync(file)).digest("hex");

test.if(canRunOrdinarily)(
	"a database that may only be read is named, and left as it is",
	async () => {
		await using home = await usedHome();
		const before = digest(home.paths.database);
		chmodSync(home.paths.database, 0o444);
		chmodSync(home.paths.memoryFolder, 0o555);
		const { code, stderr } = await refusal(home);
		chmodSync(home.paths.memoryFolder, 0o755);
		expect(code).toBe(1);
		expect(stderr).toContain(`${home.paths.database} cannot be written`);
		expect(stderr).toContain("chmod");
		expect(digest(home.paths.database)).toBe(before);
	},
	TIMEOUT_MS,
);

test.if(canRunOrdinarily)(
	"a workspace that is somebody else's is named",
	async () => {
		await using home = await usedHome();
		chmodSync(home.paths.root, 0o000);
		if (isRoot) chownSync(home.paths.root, 0, 0);
		const { code, stderr } = await refusal(home);
		chmodSync(home.paths.root, 0o755);
		expect(code).toBe(1);
		expect(stderr).toContain(home.paths.root);
		expect(stderr).toContain("SIGNET_PATH");
	},
	TIMEOUT_MS,
);

test(
	"a workspace where no folder can be is named, by whatever would make it",
	async () => {
		await using home = new Home();
		home.write({ ".agents": "notes" });
		for (const env of [undefined, { SIGNET_PATH: join(home.paths.root, "below") }]) {
			const root = env?.SIGNET_PATH ?? home.paths.root;
			for (const args of [["daemon"], ["start"], ["config", "set", "search.top_k", "30"]]) {
				const { code, stderr } = await home.run(args, env && { env });
				expect([args, code]).toEqual([args, 1]);
				expect(stderr).toContain(`The workspace ${root} cannot be made`);
				expect(stderr).toContain("Set SIGNET_PATH");
			}
		}
		const { code, stdout } = await home.run(["doctor"]);
		expect(code).toBe(1);
		expect(stdout).toContain(`${home.paths.root} is no folder`);
		expect(stdout).not.toContain("chmod");
	},
	TIMEOUT_MS,
);

const canMount = isRoot && process.platform === "linux" && mountSmallDisk("/tmp/signet-mount-probe");

function mountSmallDisk(folder: string): boolean {
	mkdirSync(folder, { recursive: true });
	const mounted = Bun.spawnSync(["/bin/mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", folder]).success;
	if (mounted) Bun.spawnSync(["/bin/umount", folder]);
	return mounted;
}

test.if(canMount)(
	"a full disk is named; what was acknowledged is there once there is room again",
	async () => {
		await using home = new Home();
		mkdirSync(home.paths.root);
		Bun.spawnSync(["/bin/mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", home.paths.root]);
		try {
			home.write({ ".agents/ballast": "x".repeat(1024 * 1024) });
			const acknowledged = await rememberUntilRefused(home);
			expect(acknowledged.length).toBeGreaterThan(10);
			const { code, stderr } = await home.run(["daemon"]);
			expect(code).toBe(1);
			expect(stderr).toContain("disk is full");
			expect(stderr).toContain("Free some space");
			rmSync(join(home.paths.root, "ballast"));
			await home.serve();
			for (const id of acknowledged) expect((await home.get(`/api/memory/${id}`)).status).toBe(200);
		} finally {
			await home.run(["stop"]);
			Bun.spawnSync(["/bin/umount", "-l", home.paths.root]);
		}
	},
	TIMEOUT_MS,
);

/** Fill the disk with memories; gives the ids of those that were acknowledged. The daemon has ended then. */
async function rememberUntilRefused(home: Home): Promise<string[]> {
	const { process: daemon, url } = await home.serve();
	const acknowledged: string[] = [];
	for (let n = 0; n < 500; n++) {
		const content = `${n} ${"what a full disk has no room for ".repeat(20)}`.slice(0, 480);
		const response = await fetch(`${url}/api/memory/remember`, { method: "POST", body: JSON.stringify({ content }) });
		const body = (await response.json()) as { id: string; error: string };
		if (!response.ok) {
			expect(response.status).toBe(503);
			expect(body.error).toContain("nothing was stored");
			break;
		}
		acknowledged.push(body.id);
	}
	daemon.kill();
	await daemon.exited;
	return acknowledged;
}
