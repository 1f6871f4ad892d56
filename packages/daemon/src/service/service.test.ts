import { afterEach, beforeEach, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FinishedProcess, StartupError, workspacePaths } from "@signet/core";
import { seededWorld } from "@signet/core/testing";
import type { Service } from "./service.ts";
import { serviceOf } from "./service-of.ts";
import type { ServicePlan } from "./service-plan.ts";

let homeFolder: string;
let plan: ServicePlan;

beforeEach(() => {
	homeFolder = mkdtempSync(join(tmpdir(), "signet-service-"));
	plan = {
		command: ["/opt/signet", "daemon", "--quiet"],
		paths: workspacePaths(join(homeFolder, ".agents")),
		homeFolder,
		host: "localhost",
		port: 3850,
		writableFolders: [],
		isConfined: true,
	};
});
afterEach(() => rmSync(homeFolder, { recursive: true }));

const said = (stdout = "", exitCode = 0, stderr = ""): FinishedProcess => ({ exitCode, stdout, stderr });

/** The service of a system whose service manager answers as told, and what it was asked. */
function scripted(platform: NodeJS.Platform, answer: (command: string) => FinishedProcess) {
	const asked: string[] = [];
	const world = seededWorld({
		run(command) {
			asked.push(command.join(" "));
			return answer(command.join(" "));
		},
	});
	return { service: serviceOf({ platform, homeFolder, userId: 501, world }), asked, world };
}

test("systemd is told of the unit, starts it, and forgets it again", async () => {
	const { service, asked } = scripted("linux", () => said());
	await service.install(plan);
	expect(service.workspace()).toBe(plan.paths.root);
	expect(statSync(service.file).mode & 0o777).toBe(0o600);
	expect(statSync(join(plan.paths.logFolder, "daemon.err.log")).mode & 0o777).toBe(0o600);
	await service.start();
	await service.restart();
	await service.stop();
	await service.uninstall();
	expect(existsSync(service.file)).toBe(false);
	expect(asked).toEqual([
		"systemctl --user daemon-reload",
		"systemctl --user enable signet.service",
		"systemctl --user reset-failed signet.service",
		"systemctl --user start signet.service",
		"systemctl --user reset-failed signet.service",
		"systemctl --user restart signet.service",
		"systemctl --user stop signet.service",
		"systemctl --user disable --now signet.service",
		"systemctl --user daemon-reload",
		"systemctl --user reset-failed signet.service",
	]);
});

test("what systemd shows of the unit is understood", async () => {
	const shown = (...lines: string[]) => scripted("linux", () => said(lines.join("\n"))).service.state();
	expect(
		await shown("ActiveState=active", "SubState=running", "Result=success", "MainPID=42", "UnitFileState=enabled"),
	).toEqual({ isRunning: true, pid: 42, detail: "active, running, enabled", isConfinementRefused: false });
	expect(
		await shown("ActiveState=failed", "SubState=failed", "Result=exit-code", "MainPID=0", "ExecMainStatus=226"),
	).toMatchObject({ isRunning: false, detail: "failed, failed, exit-code", isConfinementRefused: true });
});

test("a systemd that cannot be reached says why, and so does its lack", async () => {
	const { service } = scripted("linux", () => said("", 1, "Failed to connect to bus: No medium found\n"));
	await expect(service.demandReachable()).rejects.toThrow("cannot be reached: Failed to connect to bus");
	await expect(service.state()).rejects.toThrow(StartupError);
	const { service: none } = scripted("linux", () => {
		throw new Error('Executable not found in $PATH: "systemctl"');
	});
	await expect(none.demandReachable()).rejects.toThrow("`systemctl` cannot be run");
});

test("a person is told when it runs only as long as they are logged in", async () => {
	const notes = (linger: string) => scripted("linux", () => said(linger)).service.notes();
	expect((await notes("Linger=no\n"))[0]).toContain("loginctl enable-linger");
	expect(await notes("Linger=yes\n")).toEqual([]);
});

/** As launchd keeps an agent: loaded or not, running or not. It takes a moment to end. */
function launchd(): { service: Service; asked: string[]; ends: () => void } {
	let isLoaded = false;
	let isRunning = false;
	let looks = 0;
	const { service, asked, world } = scripted("darwin", (command) => {
		const [, verb = "", target = ""] = command.split(" ");
		if (verb === "print" && target === "gui/501") return said();
		if (looks > 0 && --looks === 0) isRunning = false;
		if (verb === "print") {
			const isThere = isLoaded || isRunning;
			return isThere
				? said(`\tstate = ${isRunning ? "running" : "not running"}\n${isRunning ? "\tpid = 77\n" : ""}`)
				: said("", 113);
		}
		if (verb === "bootstrap") {
			if (isLoaded || isRunning) return said("", 5, "Bootstrap failed: 5: Input/output error");
			isLoaded = isRunning = true;
		}
		if (verb === "kickstart") isRunning = true;
		if (verb === "bootout") {
			isLoaded = false;
			looks = 3;
		}
		if (command.includes(" kill SIGTERM ")) looks = 3;
		return said();
	});
	const sleep = world.timers.sleep.bind(world.timers);
	Object.assign(world.timers, {
		sleep(ms: number) {
			const slept = sleep(ms);
			void world.advance(ms);
			return slept;
		},
	});
	return { service, asked, ends: () => (isRunning = false) };
}

test("launchd loads the agent, and a restart waits until the old one has ended", async () => {
	const { service, asked } = launchd();
	await service.demandReachable();
	await service.install(plan);
	expect(readFileSync(service.file, "utf8")).toContain("<string>/opt/signet</string>");
	expect(statSync(service.file).mode & 0o777).toBe(0o600);
	await service.start();
	expect(await service.state()).toMatchObject({ isRunning: true, pid: 77 });
	await service.restart();
	expect(await service.state()).toMatchObject({ isRunning: true });
	await service.stop();
	expect(await service.state()).toMatchObject({ isRunning: false, detail: "not loaded" });
	await service.start();
	await service.uninstall();
	expect(service.workspace()).toBeUndefined();
	const acts = asked.filter((command) => !command.includes(" print "));
	const target = "gui/501/ai.signet.daemon";
	expect(acts).toEqual([
		`launchctl enable ${target}`,
		`launchctl bootstrap gui/501 ${service.file}`,
		`launchctl kill SIGTERM ${target}`,
		`launchctl kickstart -k ${target}`,
		`launchctl bootout ${target}`,
		`launchctl bootstrap gui/501 ${service.file}`,
		`launchctl bootout ${target}`,
	]);
});

test("an agent that is loaded and has ended is started by its name", async () => {
	const { service, asked, ends } = launchd();
	await service.start();
	ends();
	await service.start();
	expect(asked.at(-1)).toBe("launchctl kickstart gui/501/ai.signet.daemon");
});

test("elsewhere it is said what there is instead", () => {
	expect(() => scripted("win32", () => said())).toThrow("There is no service for Windows yet");
});
