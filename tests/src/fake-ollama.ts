import { join } from "node:path";
import { contractFolder } from "./program.ts";

interface FakeOllama {
	readonly port: number;
	stop(closeConnections: boolean): Promise<void>;
}

/**
 * The deterministic stand-in for an Ollama server that the recordings were made against. Its file is a copy that must
 * stay as it is, so it is loaded without being type-checked by our rules.
 */
export async function startFakeOllama(options: { port: number; latencyMs?: number }): Promise<FakeOllama> {
	const file: string = join(contractFolder, "replay", "fake-ollama.ts");
	const { startFakeOllama: start }: { startFakeOllama: (options: object) => FakeOllama } = await import(file);
	return start(options);
}
