/**
 * What `systemctl --user` does, as far as one unit and no failures go: a program in whose place a test puts it. It reads
 * the unit as systemd would, and keeps what it knows in a file of the home folder.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";

const home = process.env.HOME ?? "";
const folder = join(home, "fake-systemd");
const stateFile = join(folder, "state.json");
const state = z.object({ pid: z.number(), isEnabled: z.boolean(), calls: z.array(z.string()), status: z.number() });
type State = z.infer<typeof state>;

function load(): State {
	if (!existsSync(stateFile)) return { pid: 0, isEnabled: false, calls: [], status: 0 };
	return state.parse(JSON.parse(readFileSync(stateFile, "utf8")));
}

function isAlive(pid: number): boolean {
	if (pid === 0 || !existsSync(`/proc/${pid}/stat`)) return false;
	return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
}

/** Words in quotes or without, as systemd divides a line. */
function words(line: string): string[] {
	return [...line.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(([, quoted, bare = ""]) =>
		(quoted?.replace(/\\(.)/g, "$1") ?? bare).replaceAll("%%", "%"),
	);
}

function start(unit: string, now: State): number {
	const text = readFileSync(join(home, ".config", "systemd", "user", unit), "utf8");
	if (existsSync(join(folder, "refuse-confinement")) && text.includes("ProtectSystem=")) {
		now.status = 226;
		console.error("Job for signet.service failed because the control process exited with error code.");
		return 1;
	}
	const of = (key: string) => [...text.matchAll(new RegExp(`^${key}=(.*)$`, "gm"))].map(([, value = ""]) => value);
	const [program = "", ...args] = words(of("ExecStart")[0] ?? "");
	const env = of("Environment").flatMap(words);
	const command = [program, ...args.map((argument) => argument.replaceAll("$$", "$"))];
	const child = Bun.spawn(["/bin/sh", "-c", 'SYSTEMD_EXEC_PID=$$ exec "$@"', "sh", ...command], {
		env: { ...Object.fromEntries(env.map((each) => each.split(/=(.*)/s))), HOME: home, INVOCATION_ID: "fake" },
		stdin: "ignore",
		stdout: "ignore",
		stderr: Bun.file(
			of("StandardError")[0]
				?.replace(/^append:/, "")
				.replaceAll("%%", "%") ?? "",
		),
		detached: true,
	});
	child.unref();
	now.pid = child.pid;
	now.status = 0;
	return 0;
}

async function stop(now: State): Promise<void> {
	if (isAlive(now.pid)) process.kill(now.pid, "SIGTERM");
	while (isAlive(now.pid)) await Bun.sleep(10);
	now.pid = 0;
}

async function main([, verb = "", ...rest]: readonly string[]): Promise<number> {
	mkdirSync(folder, { recursive: true });
	const now = load();
	const unit = rest.find((argument) => argument.endsWith(".service")) ?? "";
	now.calls.push([verb, ...rest.filter((argument) => !/^(-p|[A-Z]\w+)$/.test(argument))].join(" "));
	let exitCode = 0;
	if (verb === "enable") now.isEnabled = true;
	if (verb === "disable") now.isEnabled = false;
	if (["stop", "restart", "disable"].includes(verb)) await stop(now);
	if (verb === "start" && !isAlive(now.pid)) exitCode = start(unit, now);
	if (verb === "restart") exitCode = start(unit, now);
	if (verb === "show") {
		const pid = isAlive(now.pid) ? now.pid : 0;
		console.log(
			`ActiveState=${pid ? "active" : "inactive"}\nSubState=${pid ? "running" : "dead"}\nMainPID=${pid}\nExecMainStatus=${now.status}\nUnitFileState=${now.isEnabled ? "enabled" : ""}`,
		);
	}
	writeFileSync(`${stateFile}.new`, JSON.stringify(now));
	rmSync(stateFile, { force: true });
	writeFileSync(stateFile, JSON.stringify(now));
	return exitCode;
}

process.exit(await main(Bun.argv.slice(2)));
