import { RunningDaemon } from "../running-daemon.ts";
import { type Figure, mb, ms } from "./figure.ts";
import { HelperProcess } from "./helper-process.ts";
import { summarise } from "./load.ts";
import { memoryOf } from "./process-memory.ts";

const STARTS = 15;
const FIRST_RECALLS = 5;
const IDLE_MS = 30_000;

const IDLE_TARGETS = { residentMb: 45, privateMb: 14 };

/** Where a daemon is started: on a new workspace each time, or on one that is there. */
export interface StartPlace {
	readonly what: string;
	readonly root?: string;
	readonly targetMs: number;
}

/** How long it takes from executing the program to the first answer of `/health`. */
export async function measureStart(
	program: readonly string[],
	bareServer: string,
	{ what, root, targetMs }: StartPlace,
): Promise<Figure> {
	const times: number[] = [];
	const floors: number[] = [];
	for (let run = 0; run < STARTS; run++) {
		await using daemon = await RunningDaemon.start(program, { port: 20_000 + run, ...(root && { root }) });
		times.push(daemon.startMs);
		await using bare = await HelperProcess.start([bareServer]);
		floors.push(bare.startMs);
	}
	const { p50, longest } = summarise(times, 1);
	return {
		what,
		figure: `${ms(p50)} (longest of ${STARTS}: ${ms(longest)})`,
		target: `≤ ${targetMs} ms`,
		floor: `${ms(summarise(floors, 1).p50)} bare server`,
	};
}

/** How long it takes from executing the program to the first answer of recall, which uses words and vectors. */
export async function measureFirstRecall(
	program: readonly string[],
	questions: readonly string[],
	{ root, memories }: { root: string; memories: number },
): Promise<Figure> {
	const times: number[] = [];
	for (const query of questions.slice(0, FIRST_RECALLS)) {
		await using daemon = await RunningDaemon.start(program, { root });
		const askedAt = performance.now();
		await daemon.post("/api/memory/recall", { query, limit: 10 });
		times.push(daemon.startMs + performance.now() - askedAt);
	}
	const { p50, longest } = summarise(times, 1);
	return {
		what: `exec to first recall, ${memories.toLocaleString("en")} memories with their vectors`,
		figure: `${ms(p50)} (longest of ${FIRST_RECALLS}: ${ms(longest)})`,
		target: "≤ 1 s",
	};
}

/** Memory of a daemon that did nothing for a while, beside that of a bare server. */
export async function measureIdle(
	program: readonly string[],
	bareServer: string,
	{ what, root }: { what: string; root?: string },
): Promise<Figure> {
	await using daemon = await RunningDaemon.start(program, root ? { root } : {});
	await using bare = await HelperProcess.start([bareServer]);
	await Bun.sleep(IDLE_MS);
	return {
		what: `${what}: resident / private`,
		figure: memoryFigure(daemon.process.pid),
		target: `≤ ${IDLE_TARGETS.residentMb} / ${IDLE_TARGETS.privateMb} MB`,
		floor: `${memoryFigure(bare.process.pid)} bare server`,
	};
}

/** Memory of a daemon a while after it worked. */
export async function measureAfterWork(daemon: RunningDaemon, what: string): Promise<Figure> {
	await Bun.sleep(IDLE_MS);
	return { what: `${what}: resident / private`, figure: memoryFigure(daemon.process.pid) };
}

function memoryFigure(pid: number): string {
	const memory = memoryOf(pid);
	return memory ? `${mb(memory.residentMb)} / ${mb(memory.privateMb)}` : "not known on this system";
}
