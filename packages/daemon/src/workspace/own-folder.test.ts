import { afterAll, expect, test } from "bun:test";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StartupError } from "@signet/core";
import { demandOwnFolder } from "./own-folder.ts";

const base = mkdtempSync(join(tmpdir(), "signet-own-folder-"));
afterAll(() => rmSync(base, { recursive: true }));

function folder(name: string, mode: number): string {
	const path = join(base, name);
	mkdirSync(path, { recursive: true });
	chmodSync(path, mode);
	return path;
}

test("a workspace that nobody else can exchange is used, and one that is still to be made", () => {
	for (const root of [folder("own", 0o700), folder("read", 0o755), folder("sticky", 0o1777), join(base, "new", "er")]) {
		expect(() => demandOwnFolder(root)).not.toThrow();
	}
});

test("one that everybody can write to, or exchange, is not", () => {
	const open = folder("open", 0o777);
	const within = folder("open/within", 0o700);
	symlinkSync(within, join(base, "link"));
	for (const root of [open, within, join(open, "new"), join(base, "link")]) {
		expect(() => demandOwnFolder(root)).toThrow(StartupError);
		expect(() => demandOwnFolder(root)).toThrow(`${open} may be written by all`);
	}
});
