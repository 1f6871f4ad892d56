import { expect, test } from "bun:test";
import { supervisorOf } from "./supervisor.ts";

const USER_CGROUP = "0::/user.slice/user-1000.slice/user@1000.service/app.slice/signet.service\n";
const files =
	(cgroup: string, parent = "systemd") =>
	(file: string) =>
		file === "/proc/self/cgroup" ? cgroup : file.endsWith("/comm") ? `${parent}\n` : "";

test("a process that systemd started knows its unit, and whose systemd it is", () => {
	const env = { INVOCATION_ID: "a", SYSTEMD_EXEC_PID: "12" };
	expect(supervisorOf({ env, pid: 12, parentPid: 9, read: files(USER_CGROUP) })).toEqual({
		kind: "systemd",
		unit: "signet.service",
		isUser: true,
	});
	const cgroup = "11:memory:/x\n1:name=systemd:/system.slice/memory-of-agents.service\n0::/\n";
	expect(supervisorOf({ env, pid: 12, parentPid: 1, read: files(cgroup) })).toEqual({
		kind: "systemd",
		unit: "memory-of-agents.service",
		isUser: false,
	});
});

test("the systemd of a user gives itself away by its number", () => {
	const env = { INVOCATION_ID: "a", SYSTEMD_EXEC_PID: "12", MANAGERPID: "9" };
	const cgroup = "0::/container/app.slice/signet.service\n";
	expect(supervisorOf({ env, pid: 12, parentPid: 9, read: files(cgroup) })).toMatchObject({ isUser: true });
});

test("an older systemd does not tell the process its number", () => {
	const question = { env: { INVOCATION_ID: "a" }, pid: 12, parentPid: 9 };
	expect(supervisorOf({ ...question, read: files(USER_CGROUP) })?.kind).toBe("systemd");
	expect(supervisorOf({ ...question, read: files(USER_CGROUP, "bash") })).toBeUndefined();
});

test("what is started in a terminal that systemd started is nobody's", () => {
	const env = { INVOCATION_ID: "a", SYSTEMD_EXEC_PID: "7" };
	expect(supervisorOf({ env, pid: 12, parentPid: 9, read: files(USER_CGROUP, "bash") })).toBeUndefined();
	expect(supervisorOf({ env: {}, pid: 12, parentPid: 9, read: files(USER_CGROUP) })).toBeUndefined();
});

test("an agent of launchd knows its label, and what an application starts is nobody's", () => {
	const of = (label: string, parentPid = 1) =>
		supervisorOf({ env: { XPC_SERVICE_NAME: label }, pid: 12, parentPid, read: () => "" });
	expect(of("ai.signet.daemon")).toEqual({ kind: "launchd", label: "ai.signet.daemon" });
	expect(of("ai.signet.daemon", 400)).toBeUndefined();
	expect(of("application.com.apple.Terminal.1152921500311879701")).toBeUndefined();
	expect(of("0")).toBeUndefined();
});
