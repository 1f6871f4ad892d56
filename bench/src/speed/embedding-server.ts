/**
 * An Ollama server on loopback that answers at once: 768 numbers of a text, each word adding to the same places
 * everywhere, so that texts with common words have similar vectors. A process of its own; prints its address.
 */
import * as z from "zod/mini";

const DIMENSIONS = 768;
const PLACES_PER_WORD = 24;
const requestSchema = z.object({ input: z.array(z.string()) });

function vectorOf(text: string): number[] {
	// A direction that all share, as embeddings of real models have.
	const vector = Array.from({ length: DIMENSIONS }, (_, at) => 0.05 * Math.sin(at));
	for (const word of text.toLowerCase().match(/\w+/g) ?? []) {
		let state = Bun.hash.xxHash32(word) | 1;
		for (let place = 0; place < PLACES_PER_WORD; place++) {
			state ^= state << 13;
			state ^= state >>> 17;
			state ^= state << 5;
			const at = (state >>> 1) % DIMENSIONS;
			vector[at] = (vector[at] ?? 0) + (state & 1 ? 1 : -1);
		}
	}
	const length = Math.hypot(...vector);
	return vector.map((x) => Math.round((1e5 * x) / length) / 1e5);
}

const server = Bun.serve({
	hostname: "127.0.0.1",
	port: 0,
	async fetch(request) {
		const { pathname } = new URL(request.url);
		if (pathname !== "/api/embed") return Response.json({ models: [{ name: "bench:latest" }] });
		const { input } = requestSchema.parse(await request.json());
		return Response.json({ embeddings: input.map(vectorOf) });
	},
});
console.log(server.url.origin);
