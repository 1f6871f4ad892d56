/** `node scripts/run.mjs FILE.ts [ARG ...]`: install what is missing, then run the file on Bun. */
import { spawn } from "node:child_process";
import { bunExecutable, installMissing, root } from "./install.mjs";

installMissing();
const child = spawn(bunExecutable(), process.argv.slice(2), {
	cwd: root,
	stdio: "inherit",
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code, signal) => process.exit(code ?? (signal === null ? 1 : 128)));
