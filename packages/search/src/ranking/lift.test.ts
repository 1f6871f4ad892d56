import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Conversations } from "../conversation/conversations.ts";
import { Mark } from "../conversation/marks.ts";
import { lift } from "./lift.ts";

/** Documents that follow each other, each in the session of its number. */
function inSessions(sessions: readonly number[], marks: Readonly<Record<number, number>> = {}) {
	const session = (doc: number) => sessions[doc - 1] ?? 0;
	const beside = (doc: number, other: number) => (session(doc) !== 0 && session(doc) === session(other) ? other : 0);
	return {
		session,
		previous: (doc) => beside(doc, doc - 1),
		next: (doc) => beside(doc, doc + 1),
		marks: (doc) => marks[doc] ?? 0,
		laterFirst: (doc, other) => other - doc,
	} satisfies Pick<Conversations, "session" | "previous" | "next" | "marks" | "laterFirst">;
}
const weight = () => 1;

test("without sessions agrees with adding up and sorting everything, call after call", () => {
	const docs = fc.uniqueArray(fc.integer({ min: 1, max: 9000 }), { maxLength: 40 });
	const lists = fc.array(fc.record({ docs, value: fc.integer({ min: 1, max: 4 }) }), { maxLength: 5 });
	fc.assert(
		fc.property(lists, fc.integer({ min: 1, max: 60 }), (given, limit) => {
			const sums = new Map<number, number>();
			for (const { docs, value } of given) for (const doc of docs) sums.set(doc, (sums.get(doc) ?? 0) + value);
			const expected = [...sums].sort(([a, x], [b, y]) => y - x || b - a).map(([doc]) => doc);
			const { best } = lift(given, { limit, conversations: inSessions([]), weight });
			expect(best.map(({ doc }) => doc)).toEqual(expected.slice(0, limit));
		}),
	);
});

describe("within a session", () => {
	test("a turn lends its words to those beside it, which have less of them than it has", () => {
		const conversations = inSessions([1, 1, 1, 1, 2]);
		const { best } = lift([{ docs: [2], value: 1 }], { limit: 10, conversations, weight });
		expect(best.map(({ doc }) => doc)).toEqual([2, 3, 1, 4]);
		const shares = best.map(({ own, context }) => own + context);
		expect(shares).toEqual([...shares].sort((a, b) => b - a));
	});

	test("a word is lent once, and never to a turn that has it", () => {
		const conversations = inSessions([1, 1, 1]);
		const { best } = lift([{ docs: [1, 3], value: 1 }], { limit: 10, conversations, weight });
		expect(best.find(({ doc }) => doc === 2)?.context).toBeCloseTo(0.3);
		expect(best.find(({ doc }) => doc === 1)?.context).toBe(0);
	});

	test("the answer to a question is lent more than what went before it", () => {
		const conversations = inSessions([1, 1, 1], { 2: Mark.QUESTION });
		const { best } = lift([{ docs: [2], value: 1 }], { limit: 10, conversations, weight });
		const contextOf = (wanted: number) => best.find(({ doc }) => doc === wanted)?.context ?? 0;
		expect(contextOf(3)).toBeGreaterThan(contextOf(1));
	});

	test("of two turns alike the one in the better session is first", () => {
		const conversations = inSessions([1, 0, 2, 2, 0, 3]);
		const lists = [
			{ docs: [1, 3], value: 1 },
			{ docs: [4], value: 1 },
		];
		const { best } = lift(lists, { limit: 10, conversations, weight });
		expect(best.findIndex(({ doc }) => doc === 3)).toBeLessThan(best.findIndex(({ doc }) => doc === 1));
	});
});
