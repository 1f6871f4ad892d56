import { Database } from "bun:sqlite";
import { afterEach, beforeEach, expect, test } from "bun:test";
import {
	copyFileSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	truncateSync,
	utimesSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StartupError } from "@signet/core";
import { backUp } from "./backup.ts";

let folder: string;
let file: string;
let writer: Database;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "signet-backup-"));
	file = join(folder, "memories.db");
	writer = new Database(file, { create: true });
	writer.run("CREATE TABLE memories (id TEXT PRIMARY KEY, content TEXT)");
	writer.run("CREATE TABLE links (url TEXT)");
	writer.run("INSERT INTO memories VALUES ('a', 'A lighthouse')");
	writer.run("INSERT INTO links VALUES ('https://example.com')");
});
afterEach(() => {
	writer.close();
	rmSync(folder, { recursive: true, force: true });
});

const names = () => readdirSync(folder).sort();

function refusal(copy: (from: string, to: string) => void): unknown {
	const before = readFileSync(file);
	try {
		backUp(writer, file, 3, 7, copy);
	} catch (error) {
		expect(readFileSync(file).equals(before)).toBe(true);
		expect(names()).toEqual(["memories.db"]);
		return error;
	}
	throw new Error("it was backed up");
}

test("the copy that has just been made stays, whatever the clock said when the others were made", () => {
	for (let n = 0; n < 6; n++) {
		writeFileSync(`${file}.bak-v0-${n}`, "old");
		utimesSync(`${file}.bak-v0-${n}`, 4e9 + n, 4e9 + n);
	}
	expect(backUp(writer, file, 3, 7)).toBe(`${file}.bak-v3-7`);
	const kept = [2, 3, 4, 5].map((n) => `memories.db.bak-v0-${n}`);
	expect(names()).toEqual(["memories.db", ...kept, "memories.db.bak-v3-7"]);
});

test("of large copies as many stay as take two gigabytes, and the newest in any case", () => {
	for (let n = 0; n < 4; n++) {
		const other = `${file}.bak-v0-${n}`;
		writeFileSync(other, "");
		// Holes take no room on the disk.
		truncateSync(other, 900 * 1024 ** 2);
		utimesSync(other, 1e9 + n, 1e9 + n);
	}
	backUp(writer, file, 3, 7);
	expect(names()).toEqual(["memories.db", "memories.db.bak-v0-2", "memories.db.bak-v0-3", "memories.db.bak-v3-7"]);
});

test("what a process that was killed amid a copy has left is removed, and counts for none", () => {
	writeFileSync(`${file}.bak-v0-1.part`, "half");
	writeFileSync(`${file}.bak-v0-1.part-wal`, "half");
	backUp(writer, file, 3, 7);
	expect(names()).toEqual(["memories.db", "memories.db.bak-v3-7"]);
});

test("a disk that becomes full amid the copy: the file stays, half a copy does not, and the message says what to do", () => {
	const failure = refusal((_, to) => {
		writeFileSync(to, "half");
		throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
	});
	expect(failure).toBeInstanceOf(StartupError);
	expect(String(failure)).toContain("the disk is full");
	expect(failure).toMatchObject({ advice: expect.stringContaining("memories.db.bak-*") });
});

test("a copy without some row, of whichever table, is none", () => {
	const failure = refusal((from, to) => {
		copyFileSync(from, to);
		const copy = new Database(to);
		copy.run("DELETE FROM links");
		copy.close();
	});
	expect(String(failure)).toContain("0 of 1 rows of links");
});

test("a copy that is damaged is none", () => {
	const failure = refusal((from, to) => {
		copyFileSync(from, to);
		truncateSync(to, 8192);
	});
	expect(String(failure)).toMatch(/malformed|damaged/);
});
