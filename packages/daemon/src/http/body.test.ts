import { expect, test } from "bun:test";
import { temporaryDaemon } from "../testing/temporary-daemon.ts";
import { MAX_BODY_BYTES } from "./body.ts";

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
	expect(await post(inPieces(MAX_BODY_BYTES))).toMatchObject({ status: 200, body: { deduped: true } });
	for (const size of [MAX_BODY_BYTES + 1, 40 * 1024 * 1024]) {
		const error = `the body has ${size} bytes; at most ${MAX_BODY_BYTES} are accepted`;
		const refused = { status: 413, body: { error, code: "too_large" } };
		expect(await post(inPieces(size))).toEqual(refused);
		expect(await post(Buffer.alloc(size, "x"))).toEqual(refused);
	}
});
