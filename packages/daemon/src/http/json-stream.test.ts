import { expect, test } from "bun:test";
import fc from "fast-check";
import { streamObject } from "./json-stream.ts";

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
	yield* items;
}

/** Counts the turns that others have had. */
function countingTimers() {
	return {
		turns: 0,
		async yield() {
			this.turns++;
		},
	};
}

test("what arrives is one JSON object, however its lists came, and others have a turn after each batch", async () => {
	const lists = fc.array(fc.array(fc.jsonValue(), { maxLength: 3 }), { maxLength: 5 });
	await fc.assert(
		fc.asyncProperty(lists, lists, async (batches, last) => {
			const timers = countingTimers();
			const { pieces } = streamObject(timers, {
				list: { name: "items", batches: each(batches) },
				rest: (count) => ({ count, "a key": null }),
				lastList: { name: "last", batches: last },
			});
			const expected = { items: batches.flat(), count: batches.flat().length, "a key": null, last: last.flat() };
			expect(JSON.parse((await Array.fromAsync(pieces)).join(""))).toEqual(JSON.parse(JSON.stringify(expected)));
			expect(timers.turns).toBe([...batches, ...last].filter((batch) => batch.length > 0).length);
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
	const list = { name: "items", batches: endless() };
	const { pieces } = streamObject(countingTimers(), { list, rest: () => ({}) });
	for (let piece = 0; piece < 4; piece++) await pieces.next();
	await pieces.return();
	expect(isEnded).toBe(true);
	expect(made).toBeLessThan(5);
});
