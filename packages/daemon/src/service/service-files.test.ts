import { describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { workspacePaths } from "@signet/core";
import fc from "fast-check";
import { launchdAgent, workspaceOfAgent } from "./launchd-agent.ts";
import type { ServicePlan } from "./service-plan.ts";
import { systemdUnit, workspaceOfUnit } from "./systemd-unit.ts";

const plain: ServicePlan = {
	command: ["/home/ana/.local/bin/signet", "daemon", "--quiet"],
	paths: workspacePaths("/home/ana/.agents"),
	homeFolder: "/home/ana",
	host: "localhost",
	port: 3850,
	writableFolders: [],
	isConfined: true,
};

/** Everything that the files of service managers give a meaning to. */
const difficult: ServicePlan = {
	command: ["/opt/50% off/$HOME/si\"gn'et\\1", "daemon", "--quiet"],
	paths: workspacePaths('/Users/Ana & Ben/<work> "50%h" $HOME/a\'b'),
	homeFolder: "/Users/Ana & Ben",
	host: "::1",
	port: 4850,
	writableFolders: ["/srv/my repos"],
	isConfined: true,
};

/** What the file should be; `UPDATE_GOLDEN=1` writes it anew, to be read before it is checked in. */
function golden(name: string, text: string): void {
	const file = join(import.meta.dir, "golden", name);
	if (process.env.UPDATE_GOLDEN) writeFileSync(file, text);
	expect(text).toBe(readFileSync(file, "utf8"));
}

describe("the unit of systemd", () => {
	test("of an ordinary workspace", () => golden("plain.service", systemdUnit(plain)));
	test("of one whose names have a meaning to systemd", () => golden("difficult.service", systemdUnit(difficult)));
	test("where the system does not let it be confined", () =>
		golden("unconfined.service", systemdUnit({ ...plain, isConfined: false })));
});

describe("the agent of launchd", () => {
	test("of an ordinary workspace", () => golden("plain.plist", launchdAgent(plain)));
	test("of one whose names have a meaning to XML", () => golden("difficult.plist", launchdAgent(difficult)));
});

test("the workspace can be read back from either, whatever it is called", () => {
	const name = fc.stringMatching(/^[ -~äß日]{1,30}$/).filter((text) => !text.endsWith("\\"));
	fc.assert(
		fc.property(name, (folder) => {
			const plan = { ...plain, paths: workspacePaths(`/home/${folder}`) };
			expect(workspaceOfUnit(systemdUnit(plan))).toBe(plan.paths.root);
			expect(workspaceOfAgent(launchdAgent(plan))).toBe(plan.paths.root);
		}),
	);
});

test("and from those that the earlier daemon wrote", () => {
	const unit =
		"[Service]\nExecStart=/usr/bin/bun /x/daemon.js\nEnvironment=SIGNET_PORT=3850\nEnvironment=SIGNET_PATH=/home/ana/.agents\n";
	expect(workspaceOfUnit(unit)).toBe("/home/ana/.agents");
	expect(workspaceOfUnit("[Service]\nExecStart=/bin/true\n")).toBeUndefined();
});

test("a name that would begin a line of its own is refused", () => {
	for (const root of ["/home/ana\nExecStartPre=/bin/evil", "/home/ana\\"]) {
		const plan = { ...plain, paths: workspacePaths(root) };
		expect(() => systemdUnit(plan)).toThrow("cannot be written into the file of a service");
		expect(() => launchdAgent(plan)).toThrow("cannot be written into the file of a service");
	}
});

describe.if(Bun.which("systemd-analyze") !== null)("systemd itself", () => {
	/** The program is there under exactly this name, or it complains. */
	test.each(["signet", "50% off", "$HOME", "ümlaut", "a&b <c>", "semi;colon"])(
		"finds nothing wrong with it where the program is in a folder called %p",
		(name) => {
			const folder = mkdtempSync(join(tmpdir(), "signet-unit-"));
			const bin = join(folder, name);
			mkdirSync(bin);
			const program = join(bin, "signet");
			writeFileSync(program, "#!/bin/sh\n");
			chmodSync(program, 0o755);
			const unit = join(folder, "signet.service");
			const plan = { ...plain, command: [program, "daemon"], paths: workspacePaths(bin), homeFolder: folder };
			writeFileSync(unit, systemdUnit(plan));
			const env = { PATH: process.env.PATH, HOME: folder, XDG_RUNTIME_DIR: folder, SYSTEMD_COLORS: "0" };
			const verify = (file: string) => Bun.spawnSync(["systemd-analyze", "--user", "verify", file], { env });
			const { exitCode, stderr } = verify(unit);
			expect([exitCode, stderr.toString()]).toEqual([0, ""]);
			// It would have found something, had there been anything.
			chmodSync(program, 0o644);
			expect(verify(unit).stderr.toString()).toContain("not executable");
			rmSync(folder, { recursive: true });
		},
	);

	test("finds nothing wrong with names that no program may have there", () => {
		const folder = mkdtempSync(join(tmpdir(), "signet-unit-"));
		const unit = join(folder, "signet.service");
		writeFileSync(unit, systemdUnit({ ...difficult, paths: workspacePaths(join(folder, 'it\'s "50%"')) }));
		const env = { PATH: process.env.PATH, HOME: folder, XDG_RUNTIME_DIR: folder, SYSTEMD_COLORS: "0" };
		const { exitCode, stderr } = Bun.spawnSync(["systemd-analyze", "--user", "verify", unit], { env });
		expect([exitCode, stderr.toString()]).toEqual([0, ""]);
		rmSync(folder, { recursive: true });
	});
});
