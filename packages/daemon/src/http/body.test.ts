import { expect, test } from "bun:test";
import { temporaryDaemon } from "../testing/temporary-daemon.ts";
import { BODY_LIMITS } from "./incoming-bodies.ts";

/** A JSON text of so many bytes, piece by piece, so that its length is not told before it. */
function inPieces(size: number): ReadableStream<Uint8Array> {
	const text = Buffer.from(JSON.stringify({ content: "The tide turns at six", padding: "" }));
	const [head, tail] = [text.subarray(0, -2), text.subarray(-2)];
	let left = size - text.byteLength;
	return new ReadableStream({
		start: (controller) => controller.enqueue(head),
		pull(controller) {
			const piece = Math.min(left, 64 * 1024);
			left -= piece;
			controller.enqueue(piece > 0 ? Buffer.alloc(piece, "x") : tail);
			if (piece === 0) controller.close();
		},
	});
}

test("however much is sent, and whether its length is told, it is taken or refused in words", async () => {
	await using daemon = await temporaryDaemon();
	const post = async (body: ReadableStream<Uint8Array> | Buffer<ArrayBuffer>) => {
		const response = await fetch(`${daemon.daemon.url}/api/memory/remember`, { method: "POST", body });
		return { status: response.status, body: await response.json() };
	};
	expect(await post(inPieces(1_000))).toMatchObject({ status: 200, body: { content: "The tide turns at six" } });
	expect(await post(inPieces(BODY_LIMITS.maxBytes))).toMatchObject({ status: 200, body: { deduped: true } });
	for (const size of [BODY_LIMITS.maxBytes + 1, 40 * 1024 * 1024]) {
		const refusal = (bytes: string) => new RegExp(`^the body has ${bytes} bytes; at most \\d+ are accepted$`);
		const refused = (bytes: string) => ({
			status: 413,
			body: { error: expect.stringMatching(refusal(bytes)), code: "too_large" },
		});
		// What is not told beforehand is refused as soon as it is too much.
		expect(await post(inPieces(size))).toEqual(refused("\\d+"));
		expect(await post(Buffer.alloc(size, "x"))).toEqual(refused(String(size)));
	}
});
