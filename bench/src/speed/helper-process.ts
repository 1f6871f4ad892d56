import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A program of the bench in a process of its own, that prints its address when it is ready. */
export class HelperProcess implements AsyncDisposable {
	private constructor(
		readonly process: Bun.Subprocess,
		readonly url: string,
		/** Milliseconds from starting the process to its first answer. */
		readonly startMs: number,
	) {}

	static async start(command: readonly string[]): Promise<HelperProcess> {
		const startedAt = performance.now();
		const child = Bun.spawn([...command], { stdout: "pipe", stderr: "inherit" });
		for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
			const url = chunk.trim();
			await (await fetch(url)).text();
			return new HelperProcess(child, url, performance.now() - startedAt);
		}
		throw new Error(`${command.join(" ")} ended without an address`);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.process.kill();
		await this.process.exited;
	}
}

/** The bare server as an executable, made as ours is: what the runtime itself takes. */
export class BareExecutable implements Disposable {
	private constructor(
		private readonly folder: string,
		readonly file: string,
	) {}

	static async build(): Promise<BareExecutable> {
		const folder = mkdtempSync(join(tmpdir(), "signet-bench-"));
		const file = join(folder, "bare-server");
		const { success, logs } = await Bun.build({
			entrypoints: [join(import.meta.dir, "..", "floors", "bare-server.ts")],
			compile: { outfile: file },
			target: "bun",
			format: "cjs",
			minify: true,
			bytecode: true,
		});
		if (!success) throw new Error(logs.join("\n"));
		return new BareExecutable(folder, file);
	}

	[Symbol.dispose](): void {
		rmSync(this.folder, { recursive: true, force: true });
	}
}
