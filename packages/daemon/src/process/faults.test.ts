import { expect, test } from "bun:test";
import { seededWorld } from "@signet/core/testing";
import { Faults } from "./faults.ts";

function faults() {
	const world = seededWorld();
	const logged: unknown[] = [];
	return { world, logged, faults: new Faults(world.clock, { error: (...entry) => logged.push(entry) }) };
}

test("a rejection now and then is logged and survived, many at once are not", async () => {
	const { faults: some, world, logged } = faults();
	for (let n = 0; n < 100; n++) {
		expect(some.rejected(new Error(`number ${n}`))).toBe(true);
		await world.advance(4_000);
	}
	const outcomes = Array.from({ length: 30 }, () => some.rejected("again"));
	expect(outcomes[0]).toBe(true);
	expect(outcomes.at(-1)).toBe(false);
	expect(logged).toHaveLength(130);
});

test.each(["SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_IOERR_READ"])(
	"with a file in the state of %s nothing goes on",
	(code) => {
		expect(faults().faults.rejected(Object.assign(new Error("no"), { code }))).toBe(false);
	},
);
