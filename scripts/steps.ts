import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export const root = dirname(import.meta.dir);

export interface Counts {
	readonly passed: number;
	readonly failed: number;
}

/** Run a command in the repository, showing what it prints; resolves to whether it succeeded. */
export async function succeeds(command: readonly string[], env: Record<string, string> = {}): Promise<boolean> {
	const child = Bun.spawn([...command], {
		cwd: root,
		env: { ...process.env, ...env },
		stdin: "ignore",
		stdout: "inherit",
		stderr: "inherit",
	});
	return (await child.exited) === 0;
}

/** A program that an npm package brought. */
export function npmProgram(name: string): string[] {
	return ["node", join(root, "node_modules", ".bin", name)];
}

/** Tests take longer where other things are going on. */
const TEST_TIMEOUT_MS = 30_000;
const LANES = 3;

/** Run tests by their paths; what ends without a report counts as one failure. What is printed is shown as it comes. */
export async function runTests(paths: readonly string[], env: Record<string, string> = {}): Promise<Counts> {
	return withReport(async (reporter) => succeeds(testCommand(paths, reporter), env));
}

/** Run groups of tests, each in a process of its own, three at a time: many of them wait; what each prints is shown when it has ended. */
export async function runSideBySide(groups: readonly string[], env: Record<string, string> = {}): Promise<Counts[]> {
	const waiting = [...groups];
	const counts: Counts[] = [];
	const lane = async () => {
		for (let group = waiting.shift(); group !== undefined; group = waiting.shift())
			counts.push(await runQuietly(group, env));
	};
	await Promise.all(Array.from({ length: LANES }, lane));
	return counts;
}

async function runQuietly(group: string, env: Record<string, string>): Promise<Counts> {
	return withReport(async (reporter) => {
		const child = Bun.spawn(testCommand([group], [...reporter, "--only-failures", "--pass-with-no-tests"]), {
			cwd: root,
			env: { ...process.env, ...env },
			stdin: "ignore",
			stdout: "pipe",
			stderr: "pipe",
		});
		const [output, errors, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
		console.log(`\n== ${group}\n${errors.trim()}\n${output.trim()}`);
		return code === 0;
	});
}

function testCommand(paths: readonly string[], reporter: readonly string[]): string[] {
	return [process.execPath, "test", `--timeout=${TEST_TIMEOUT_MS}`, ...reporter, ...paths];
}

async function withReport(run: (reporter: readonly string[]) => Promise<boolean>): Promise<Counts> {
	const folder = mkdtempSync(join(tmpdir(), "signet-tests-"));
	const report = join(folder, "report.xml");
	try {
		const isGood = await run(["--reporter=junit", `--reporter-outfile=${report}`]);
		// A package without tests makes no report.
		if (isGood && !existsSync(report)) return { passed: 0, failed: 0 };
		const counts = countsIn(readFileSync(report, "utf8"));
		return isGood || counts.failed > 0 ? counts : { ...counts, failed: 1 };
	} catch {
		return { passed: 0, failed: 1 };
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

export function add(all: readonly Counts[]): Counts {
	return {
		passed: all.reduce((sum, { passed }) => sum + passed, 0),
		failed: all.reduce((sum, { failed }) => sum + failed, 0),
	};
}

/** Say how it went, in the form that machines look for, and end the process accordingly. */
export function finish(counts: Counts): never {
	console.log(`\n${counts.passed} passed, ${counts.failed} failed`);
	process.exit(counts.failed === 0 ? 0 : 1);
}

function countsIn(junit: string): Counts {
	const attributes = /<testsuites[^>]*>/.exec(junit)?.[0] ?? "";
	const number = (name: string) => Number(new RegExp(`\\b${name}="(\\d+)"`).exec(attributes)?.[1] ?? Number.NaN);
	const [tests, failures, skipped] = [number("tests"), number("failures"), number("skipped")];
	if (Number.isNaN(tests + failures)) throw new Error("the report names no counts");
	return { passed: tests - failures - (skipped || 0), failed: failures };
}
