import { expect, test } from "bun:test";
import type { EndedProcess, PipedOptions } from "@signet/core";
import { seededWorld } from "@signet/core/testing";
import { ProcessInstaller } from "./process-installer.ts";

function installer(ended: EndedProcess | undefined, output = "", env: Record<string, string> = {}) {
	const started: string[][] = [];
	let isKilled = false;
	const world = seededWorld({
		startPiped(command, { onOutput, onExit }: PipedOptions) {
			started.push([...command]);
			onOutput(Buffer.from(output));
			if (ended) onExit(ended);
			const kill = () => {
				isKilled = true;
				onExit({ exitCode: undefined, lastWords: "" });
			};
			return { pid: 1, write: () => undefined, closeInput: () => undefined, kill };
		},
		startDetached(command) {
			started.push([...command]);
			return { pid: 2, exitCode: () => undefined };
		},
	});
	const made = new ProcessInstaller({
		world,
		command: ["/opt/signet", "update"],
		readStaged: () => (started.length > 0 ? "1.1.0" : undefined),
		root: "/home/ana/.agents",
		env,
		outputFile: "/tmp/x",
	});
	return { installer: made, started, world, isKilled: () => isKilled };
}
const problemOf = (work: Promise<unknown>) =>
	work.then(
		() => "none",
		(error: Error) => error.message,
	);

test("a version is staged by a process, and known when it is done", async () => {
	const { installer: made, started } = installer({ exitCode: 0, lastWords: "" }, '{"status":"staged"}');
	expect(made.staged()).toBeUndefined();
	expect(await made.stage("1.1.0")).toBe('{"status":"staged"}');
	expect(started).toEqual([["/opt/signet", "update", "stage", "1.1.0", "--json"]]);
	expect(made.staged()).toBe("1.1.0");
});

test("what that process says went wrong is told, and so is that it says nothing", async () => {
	const failed = { exitCode: 1, lastWords: "" };
	expect(await problemOf(installer(failed, '{"error":"not signed"}').installer.stage("1.1.0"))).toBe("not signed");
	expect(await problemOf(installer({ ...failed, lastWords: "killed" }).installer.stage("1.1.0"))).toBe("killed");
	expect(await problemOf(installer(failed).installer.stage("1.1.0"))).toContain("has ended");
});

test("one that does not end is ended", async () => {
	const { installer: made, world, isKilled } = installer(undefined);
	const staging = problemOf(made.stage("1.1.0"));
	await world.advance(900_000);
	expect(await staging).toContain("no answer within 15 minutes");
	expect(isKilled()).toBe(true);
});

test("what exchanges the daemon outlives it, also where systemd ends all that the daemon started", () => {
	const plain = installer(undefined);
	plain.installer.beginApplying();
	expect(plain.started).toEqual([["/opt/signet", "update", "apply", "--path", "/home/ana/.agents", "--json"]]);
	const supervised = installer(undefined, "", { INVOCATION_ID: "x", SIGNET_PORT: "1", HOME: "/home/ana", OTHER: "y" });
	supervised.installer.beginApplying();
	expect(supervised.started[0]?.slice(0, 7)).toEqual([
		"systemd-run",
		"--user",
		"--collect",
		"--quiet",
		"--setenv=SIGNET_PORT",
		"--setenv=HOME",
		"--",
	]);
});
