import { expect, test } from "bun:test";
import fc from "fast-check";
import { streamList } from "./json-stream.ts";

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
	yield* items;
}

test("what arrives is one JSON object, however the list came", async () => {
	await fc.assert(
		fc.asyncProperty(fc.array(fc.array(fc.jsonValue(), { maxLength: 3 }), { maxLength: 5 }), async (batches) => {
			const { pieces } = streamList("items", each(batches), (count) => ({ count, "a key": null }));
			expect(JSON.parse((await Array.fromAsync(pieces)).join(""))).toEqual(
				JSON.parse(JSON.stringify({ items: batches.flat(), count: batches.flat().length, "a key": null })),
			);
		}),
	);
});

test("nothing more is made when nobody listens any longer", async () => {
	let made = 0;
	let isEnded = false;
	async function* endless(): AsyncGenerator<number[]> {
		try {
			while (true) yield [made++];
		} finally {
			isEnded = true;
		}
	}
	const { pieces } = streamList("items", endless(), () => ({}));
	await pieces.next();
	await pieces.next();
	await pieces.return();
	expect(isEnded).toBe(true);
	expect(made).toBeLessThan(5);
});
