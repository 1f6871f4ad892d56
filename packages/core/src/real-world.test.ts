import { describe, expect, test } from "bun:test";
import { realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { realWorld } from "./real-world.ts";
import type { EndedCommand, EndedProcess } from "./world.ts";

/** A process of this runtime that runs `script`, with what it printed and how it ended. */
function started(script: string) {
	let printed = "";
	const { promise: ended, resolve } = Promise.withResolvers<EndedProcess>();
	const process_ = realWorld.processes.startPiped([process.execPath, "-e", script], {
		env: { TOKEN: "given" },
		onOutput: (bytes) => {
			printed += new TextDecoder().decode(bytes);
		},
		onExit: resolve,
	});
	return { process: process_, ended, printed: () => printed };
}

test("a process is talked with until its input is closed, and everything it printed is told before its end", async () => {
	const {
		process: child,
		ended,
		printed,
	} = started(
		"for await (const part of Bun.stdin.stream()) process.stdout.write(part); console.log(process.env.TOKEN, process.env.HOME)",
	);
	child.write("one\n");
	child.write("two\n");
	child.closeInput();
	expect(await ended).toEqual({ exitCode: 0, lastWords: "" });
	expect(printed()).toBe("one\ntwo\ngiven undefined\n");
});

test("of a process that fails the last words are told, and one that is ended has no exit code", async () => {
	const failed = started("console.error('x'.repeat(10_000) + 'out of memory'); process.exit(3)");
	const { exitCode, lastWords } = await failed.ended;
	expect(exitCode).toBe(3);
	expect(lastWords).toEndWith("out of memory");
	expect(lastWords.length).toBeLessThan(5_000);
	const killed = started("await Bun.stdin.text()");
	killed.process.kill();
	expect((await killed.ended).exitCode).toBeUndefined();
	killed.process.write("nobody reads this");
	killed.process.closeInput();
});

test("a download follows no redirect by itself, and can be broken off", async () => {
	const server = Bun.serve({
		hostname: "127.0.0.1",
		port: 0,
		fetch: (request) =>
			request.url.endsWith("/first")
				? Response.redirect("/second")
				: new Response(
						new ReadableStream({
							pull: (controller) => controller.enqueue(new Uint8Array(1_000)),
						}),
					),
	});
	const get = (path: string) =>
		realWorld.network.download(`http://127.0.0.1:${server.port}${path}`, { timeoutMs: 5_000 });
	const redirect = await get("/first");
	expect([redirect.status, redirect.header("location")]).toEqual([302, "/second"]);
	let received = 0;
	for await (const bytes of (await get("/second")).body) {
		received += bytes.length;
		if (received > 10_000) break;
	}
	expect(received).toBeGreaterThan(10_000);
	await server.stop(true);
});

test("a command is run to its end, and what takes too long is ended", async () => {
	const run = (script: string, timeoutMs = 20_000) =>
		realWorld.processes.run([process.execPath, "-e", script], { timeoutMs });
	expect(await run("console.log('out'); console.error('err'); process.exit(4)")).toEqual({
		exitCode: 4,
		stdout: "out\n",
		stderr: "err\n",
	});
	expect((await run("process.stdout.write('x'.repeat(3_000_000))")).stdout).toHaveLength(1_000_000);
	expect((await run("setInterval(() => {}, 1_000)", 200)).exitCode).toBeUndefined();
	await expect(realWorld.processes.run(["/no/such/program"], { timeoutMs: 1_000 })).rejects.toThrow();
});
/** A group that runs a shell command, with what it printed and how it ended. */
function startedGroup(script: string) {
	const mark = `SIGNET_MARK=${crypto.randomUUID()}`;
	const printed = { stdout: "", stderr: "" };
	const exit = Promise.withResolvers<EndedCommand>();
	const outputEnd = Promise.withResolvers<void>();
	const group = realWorld.processes.startGroup(["sh", "-c", script], {
		env: { PATH: process.env.PATH ?? "", SIGNET_MARK: mark.slice("SIGNET_MARK=".length) },
		cwd: tmpdir(),
		mark,
		onStdout: (bytes) => {
			printed.stdout += new TextDecoder().decode(bytes);
		},
		onStderr: (bytes) => {
			printed.stderr += new TextDecoder().decode(bytes);
		},
		onExit: exit.resolve,
		onOutputEnd: outputEnd.resolve,
	});
	return { group, printed, exit: exit.promise, outputEnd: outputEnd.promise };
}

describe.skipIf(process.platform === "win32")("a process group", () => {
	test("runs where and with what it was told, without input, and tells both outputs and the exit code", async () => {
		const { group, printed, exit, outputEnd } = startedGroup(
			`read -r line || echo "$PWD \${HOME:-none}"; echo no >&2; exit 7`,
		);
		expect(await exit).toEqual({ exitCode: 7, signal: undefined });
		await outputEnd;
		expect(printed).toEqual({ stdout: `${realpathSync(tmpdir())} none\n`, stderr: "no\n" });
		await until(() => !group.isAlive());
	});

	test("that a signal has ended tells which one", async () => {
		expect(await startedGroup("kill -9 $$").exit).toEqual({ exitCode: undefined, signal: "SIGKILL" });
	});

	test("is ended with all that it has started, also what ignores being asked and what has left it", async () => {
		const leaves = process.platform === "linux" ? "setsid sleep 300 & " : "";
		const { group, printed, exit } = startedGroup(
			`trap '' TERM; (trap '' TERM; sleep 300; sleep 300) & ${leaves}echo started; sleep 300; sleep 300`,
		);
		await until(() => printed.stdout === "started\n");
		group.signal("SIGTERM");
		expect(group.isAlive()).toBe(true);
		group.signal("SIGKILL");
		expect((await exit).signal).toBe("SIGKILL");
		await until(() => !group.isAlive());
	});

	test("is alive as long as anything of it is", async () => {
		const { group, exit } = startedGroup("sleep 300 >/dev/null 2>&1 &");
		await exit;
		expect(group.isAlive()).toBe(true);
		group.signal("SIGTERM");
		await until(() => !group.isAlive());
	});

	test("whose command is not there says so", () => {
		expect(() =>
			realWorld.processes.startGroup(["no-such-program-7731"], {
				env: {},
				cwd: tmpdir(),
				mark: "X=1",
				onStdout: () => undefined,
				onStderr: () => undefined,
				onExit: () => undefined,
				onOutputEnd: () => undefined,
			}),
		).toThrow("no-such-program-7731");
	});
});

async function until(holds: () => boolean): Promise<void> {
	while (!holds()) await Bun.sleep(5);
}
