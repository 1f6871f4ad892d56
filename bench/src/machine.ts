import { cpus, release, totalmem } from "node:os";
import { repository } from "./running-daemon.ts";

/** Where and when: the line that stands above every table. */
export function machineLine(): string {
	const { stdout } = Bun.spawnSync(["git", "describe", "--always", "--dirty"], { cwd: repository });
	const commit = stdout.toString().trim() || "unknown";
	const [cpu] = cpus();
	const memory = Math.round(totalmem() / 1024 ** 3);
	const date = new Date().toISOString().slice(0, 10);
	return `${date}, commit ${commit}; ${cpus().length} × ${cpu?.model ?? "unknown"}, ${memory} GiB, ${process.platform} ${release()}, Bun ${Bun.version}`;
}
