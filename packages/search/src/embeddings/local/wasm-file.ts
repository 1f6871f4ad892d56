import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The inference engine. The build puts another file in this one's place, which has it in the executable, compressed. */
export function wasmBinary(): Uint8Array {
	return readFileSync(fileURLToPath(import.meta.resolve("onnxruntime-web/ort-wasm-simd-threaded.wasm")));
}
