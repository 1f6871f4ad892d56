import { Database as SqliteFile } from "bun:sqlite";
import { expect, test } from "bun:test";
import { seededWorld } from "@signet/core/testing";
import { PageCaches } from "./page-caches.ts";

/** A connection that says when it is told to give its memory back. */
class CountingFile extends SqliteFile {
	shrinks = 0;
	override run(statement: string) {
		if (statement === "PRAGMA shrink_memory") this.shrinks++;
		return super.run(statement);
	}
}

test("caches are emptied once, and only when the database has not been used for a while", async () => {
	const world = seededWorld();
	const connection = new CountingFile(":memory:");
	const caches = new PageCaches([connection], world);
	for (let second = 0; second < 60; second += 5) {
		caches.used();
		await world.advance(5_000);
	}
	expect(connection.shrinks).toBe(0);
	await world.advance(3_600_000);
	expect(connection.shrinks).toBe(1);
	expect(world.pendingTimers).toBe(0);
	caches.used();
	await world.advance(3_600_000);
	expect(connection.shrinks).toBe(2);
});

test("a connection that was closed is left alone", async () => {
	const world = seededWorld();
	const connection = new CountingFile(":memory:");
	const caches = new PageCaches([connection], world);
	caches.used();
	caches.stop();
	connection.close();
	caches.used();
	await world.advance(3_600_000);
	expect(world.pendingTimers).toBe(0);
});
