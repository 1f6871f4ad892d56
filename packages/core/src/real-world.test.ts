import { expect, test } from "bun:test";
import { realWorld } from "./real-world.ts";
import type { EndedProcess } from "./world.ts";

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
