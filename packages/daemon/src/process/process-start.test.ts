import { expect, test } from "bun:test";
import { isSameProcess, processStartOf } from "./process-start.ts";

const isLinux = process.platform === "linux";

test.if(isLinux)("a process is the same as long as it lives, and another is not", async () => {
	const own = processStartOf(process.pid);
	expect(own.processStart).toMatch(/^\d+$/);
	expect(isSameProcess(process.pid, own)).toBe(true);
	expect(isSameProcess(process.pid, { ...own, processStart: "1" })).toBe(false);
	expect(isSameProcess(process.pid, { ...own, bootId: "another boot" })).toBe(false);
	const child = Bun.spawn([process.execPath, "-e", "await Bun.stdin.text()"], { stdin: "pipe" });
	const noted = processStartOf(child.pid);
	expect(isSameProcess(child.pid, noted)).toBe(true);
	expect(isSameProcess(process.pid, noted)).toBe(false);
	child.stdin.end();
	await child.exited;
	expect(isSameProcess(child.pid, noted)).toBe(false);
});

test("where nothing was noted, nothing is said", () => {
	expect(isSameProcess(process.pid, {})).toBeUndefined();
});
