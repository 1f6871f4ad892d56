import { readFileSync } from "node:fs";
import * as z from "zod/mini";

export const supervisorSchema = () =>
	z.union([
		z.object({ kind: z.literal("systemd"), unit: z.string(), isUser: z.boolean() }),
		z.object({ kind: z.literal("launchd"), label: z.string() }),
	]);

/** Whoever started this process and starts it again when it fails. */
export type Supervisor = z.infer<ReturnType<typeof supervisorSchema>>;

export interface SupervisorQuestion {
	readonly env: Readonly<Record<string, string | undefined>>;
	readonly pid: number;
	readonly parentPid: number;
	/** The text of a file; empty where there is none. */
	readonly read?: (file: string) => string;
}

/**
 * Who supervises this process. What the service managers put into the environment is inherited by everything that such a
 * process starts, a terminal for instance, so it is not enough by itself.
 */
export function supervisorOf({ env, pid, parentPid, read = textOf }: SupervisorQuestion): Supervisor | undefined {
	if (env.INVOCATION_ID) {
		const isMain = env.SYSTEMD_EXEC_PID
			? env.SYSTEMD_EXEC_PID === String(pid)
			: read(`/proc/${parentPid}/comm`).trim() === "systemd";
		const [, path = "", unit] =
			/^(?:0:|\d+:name=systemd):(.*\/([^/\n]+\.service))/m.exec(read("/proc/self/cgroup")) ?? [];
		const isUser = Boolean(env.MANAGERPID) || path.includes("/user@");
		return isMain && unit ? { kind: "systemd", unit, isUser } : undefined;
	}
	// Of an application that a person opened it is that application's.
	const label = env.XPC_SERVICE_NAME;
	return label && parentPid === 1 && !/^(?:0$|application\.)/.test(label) ? { kind: "launchd", label } : undefined;
}

function textOf(file: string): string {
	try {
		return readFileSync(file, "utf8");
	} catch {
		return "";
	}
}
