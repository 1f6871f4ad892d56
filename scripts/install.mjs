/**
 * What a machine with only Node and npm needs before anything else can run: the dependencies of the lock file, and Bun,
 * which is one of them. Plain Node, no imports beyond its standard library.
 */
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const modules = join(root, "node_modules");
const lockFile = join(root, "package-lock.json");
/** A copy of the lock file that the last complete installation followed. */
const installedLock = join(modules, ".signet-installed-lock.json");

function isInstalled() {
	return existsSync(installedLock) && readFileSync(installedLock, "utf8") === readFileSync(lockFile, "utf8");
}

/** Install exactly what the lock file says, unless that is what is there. Ends the process when npm fails. */
export function installMissing() {
	if (isInstalled()) return;
	console.error("signet: installing dependencies (npm ci), once");
	const npm = process.platform === "win32" ? "npm.cmd" : "npm";
	const { status, error } = spawnSync(npm, ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
		cwd: root,
		stdio: ["ignore", 2, 2],
		shell: process.platform === "win32",
	});
	if (status !== 0) {
		console.error(`signet: npm ci failed${error ? ` (${error.message})` : ""}; the lines above say why`);
		process.exit(1);
	}
	copyFileSync(lockFile, installedLock);
}

/** Path of the Bun executable that the installation brought. */
export function bunExecutable() {
	const suffix = process.platform === "win32" ? ".exe" : "";
	const system = process.platform === "win32" ? "windows" : process.platform;
	const cpu = process.arch === "arm64" ? "aarch64" : process.arch;
	// The install script of the package moves the executable of the platform's package into its own folder, when npm
	// is allowed to run it; otherwise it stays where it came.
	const candidates = [
		join(modules, "@oven", `bun-${system}-${cpu}`, "bin", `bun${suffix}`),
		join(modules, "@oven", `bun-${system}-${cpu}-musl`, "bin", `bun${suffix}`),
		join(modules, "bun", "bin", "bun.exe"),
	];
	const found = candidates.find((path) => existsSync(path));
	if (found) return found;
	console.error(`signet: the npm package "bun" has no executable for ${process.platform} ${process.arch}`);
	process.exit(1);
}
