import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import * as z from "zod/mini";
import { contractFolder, program } from "./program.ts";

/** How long a step that is known to fail may try: one that passes does so well within it. */
const KNOWN_FAILURE_SECONDS = 1;
const QUOTED = /^[\w@%+=:,./-]+$/;

const recordingSchema = z.looseObject({
	name: z.string(),
	files: z.optional(z.record(z.string(), z.string())),
	steps: z.array(z.looseObject({ name: z.string(), until: z.optional(z.looseObject({ seconds: z.number() })) })),
});

/** A recorded exchange with the daemon that ours replaces. */
export interface Recording {
	readonly file: string;
	readonly content: z.infer<typeof recordingSchema>;
}

export interface ReplayOutcome {
	/** Names of the steps that did not go as recorded, with what was wrong. */
	readonly failures: ReadonlyMap<string, string>;
	readonly passed: number;
}

/** All recordings, by name. */
export function recordings(): Recording[] {
	const folder = join(contractFolder, "golden");
	return readdirSync(folder)
		.filter((name) => name.endsWith(".json"))
		.sort()
		.map((file) => ({ file, content: recordingSchema.parse(JSON.parse(readFileSync(join(folder, file), "utf8"))) }));
}

/** Replay a recording against the program. Steps that are known to fail get little time. */
export async function replay({ file, content }: Recording, known: ReadonlySet<string>): Promise<ReplayOutcome> {
	const folder = mkdtempSync(join(tmpdir(), "signet-recording-"));
	try {
		const hurried = content.steps.map((step) =>
			known.has(step.name) && step.until
				? { ...step, until: { ...step.until, seconds: Math.min(step.until.seconds, KNOWN_FAILURE_SECONDS) } }
				: step,
		);
		const copy = join(folder, file);
		writeFileSync(copy, JSON.stringify({ ...content, steps: hurried }));
		const replayer = join(contractFolder, "replay", "replay.ts");
		const child = Bun.spawn(
			[process.execPath, replayer, "--start", shellCommand([...program, "daemon", "--quiet"]), copy],
			{
				// Nobody outside of this machine is asked.
				env: { ...process.env, SIGNET_UPDATE_URL: "http://127.0.0.1:1" },
				stdout: "pipe",
				stderr: "pipe",
			},
		);
		const [output, problems] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
		return parseOutcome(content, output, problems);
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

/** Whether the program starts on the files of a recording; some configurations it must refuse. */
export async function starts({ content }: Recording): Promise<boolean> {
	const home = mkdtempSync(join(tmpdir(), "signet-start-"));
	try {
		for (const [name, text] of Object.entries(content.files ?? {})) {
			mkdirSync(dirname(join(home, name)), { recursive: true });
			writeFileSync(join(home, name), text);
		}
		const child = Bun.spawn([...program, "daemon"], {
			env: { ...process.env, HOME: home, SIGNET_PATH: join(home, ".agents"), SIGNET_PORT: "0" },
			stdout: "pipe",
			stderr: "ignore",
		});
		const { value } = await child.stdout.getReader().read();
		child.kill();
		await child.exited;
		return value !== undefined;
	} finally {
		rmSync(home, { recursive: true, force: true });
	}
}

function parseOutcome(content: Recording["content"], output: string, problems: string): ReplayOutcome {
	const passed = /^(\d+) passed, \d+ failed$/m.exec(output)?.[1];
	if (passed === undefined) throw new Error(`the replayer did not finish: ${problems || output}`);
	const failures = new Map<string, string>();
	for (const line of output.split("\n").filter((each) => each.startsWith("✗ "))) {
		const rest = line.slice("✗ ".length);
		const said = rest.startsWith(`${content.name} / `) ? rest.slice(content.name.length + 3) : rest;
		const step = stepNamed(content, said) ?? said.slice(0, said.indexOf(": "));
		failures.set(step, said.slice(step.length + 2));
	}
	return { failures, passed: Number(passed) };
}

/** The step that a line speaks of. A name may have colons in it, and begin like another one. */
function stepNamed({ steps }: Recording["content"], line: string): string | undefined {
	const names = steps.map(({ name }) => name).filter((name) => line.startsWith(`${name}: `));
	return names.sort((a, b) => b.length - a.length)[0];
}

/** Words as a shell reads them back. */
function shellCommand(words: readonly string[]): string {
	return words.map((word) => (QUOTED.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(" ");
}

/** The name of a recording as it stands in lists. */
export function nameOf({ file }: Recording): string {
	return basename(file, ".json");
}
