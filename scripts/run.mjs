/** `node scripts/run.mjs FILE.ts [ARG ...]`: install what is missing, then run the file on Bun. */
import { spawn } from "node:child_process";
import { bunExecutable, installMissing, root } from "./install.mjs";

const ORPHAN_CHECK_MS = 500;

installMissing();
const child = spawn(bunExecutable(), process.argv.slice(2), {
	cwd: root,
	stdio: "inherit",
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
// Whoever ends npm ends the shell between it and us, and that passes no signal on.
const parent = process.ppid;
setInterval(() => process.ppid !== parent && child.kill("SIGTERM"), ORPHAN_CHECK_MS).unref();
child.on("exit", (code, signal) => process.exit(code ?? (signal === null ? 1 : 128)));
