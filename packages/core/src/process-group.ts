import { readdirSync, readFileSync } from "node:fs";
import type { GroupOptions, ProcessGroup } from "./world.ts";

/** As `Processes.startGroup`, on the machine we run on. */
export function startProcessGroup(command: readonly string[], options: GroupOptions): ProcessGroup {
	const { env, cwd, mark, onStdout, onStderr, onExit, onOutputEnd } = options;
	const child = Bun.spawn([...command], {
		cwd,
		env,
		// It becomes the leader of a session and so of a group, whose number is its own.
		detached: true,
		windowsHide: true,
		stdin: "ignore",
		stdout: "pipe",
		stderr: "pipe",
	});
	child.unref();
	const { pid } = child;
	void Promise.all([forEachPart(child.stdout, onStdout), forEachPart(child.stderr, onStderr)]).then(onOutputEnd);
	void child.exited.then(() => onExit({ exitCode: child.exitCode ?? undefined, signal: child.signalCode?.toString() }));
	if (process.platform === "win32") return { pid, isAlive: () => child.exitCode === null, signal: () => killTree(pid) };
	return {
		pid,
		isAlive() {
			const members = membersOf(pid, mark);
			return members === undefined ? send(-pid, 0) : members.length > 0;
		},
		signal(signal) {
			send(-pid, signal);
			for (const member of membersOf(pid, mark) ?? []) send(member, signal);
		},
	};
}

/** As `Processes.killMarked`, on the machine we run on. */
export function killMarked(mark: string): number {
	const marked = allProcesses().filter((pid) => hasMark(pid, mark));
	for (const pid of marked) send(pid, "SIGKILL");
	return marked.length;
}

/** Take the parts of a stream as they come; resolves at its end. */
export async function forEachPart(stream: ReadableStream<Uint8Array>, take: (part: Uint8Array) => void): Promise<void> {
	try {
		for await (const part of stream) take(part);
	} catch {
		// A stream that breaks off has ended.
	}
}

/**
 * The processes of a group, and those that bear the mark wherever they went; undefined where the machine shows no
 * processes as files.
 */
function membersOf(group: number, mark: string): number[] | undefined {
	const all = allProcesses();
	if (all.length === 0) return undefined;
	const isMember = (pid: number) => isOf(pid, group, mark);
	// Numbers are given out in their order, and those of its members are later ones, until they begin anew.
	const later = all.filter((pid) => pid >= group).filter(isMember);
	return later.length > 0 || !send(-group, 0) ? later : all.filter(isMember);
}

/** Whether a process belongs to a group. One that has ended and was not taken note of yet belongs to none. */
function isOf(pid: number, group: number, mark: string): boolean {
	// `pid (name) state parent group …`, and a name may have anything in it.
	const [state, , itsGroup] = textOf(`/proc/${pid}/stat`).split(") ").at(-1)?.split(" ") ?? [];
	if (state === undefined || state === "" || state === "Z" || state === "X") return false;
	return Number(itsGroup) === group || hasMark(pid, mark);
}

function hasMark(pid: number, mark: string): boolean {
	return `\0${textOf(`/proc/${pid}/environ`)}`.includes(`\0${mark}\0`);
}

/** None where the machine shows no processes as files. */
function allProcesses(): number[] {
	return entriesOf("/proc")
		.filter((name) => /^\d+$/.test(name))
		.map(Number);
}

function entriesOf(folder: string): string[] {
	try {
		return readdirSync(folder);
	} catch {
		return [];
	}
}

/** Empty for what is not ours to read, or is gone. */
function textOf(file: string): string {
	try {
		return readFileSync(file, "latin1");
	} catch {
		return "";
	}
}

/** False when there is none. */
function send(pid: number, signal: "SIGTERM" | "SIGKILL" | 0): boolean {
	try {
		process.kill(pid, signal);
		return true;
	} catch {
		return false;
	}
}

/** Windows knows no groups, but who started whom. */
function killTree(pid: number): void {
	Bun.spawn(["taskkill", "/pid", String(pid), "/T", "/F"], {
		stdin: "ignore",
		stdout: "ignore",
		stderr: "ignore",
	}).unref();
}
