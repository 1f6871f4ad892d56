import { homedir } from "node:os";
import { relative, resolve } from "node:path";
import { type WorkspacePaths, workspacePaths, workspaceRoot } from "@signet/core";

export const DEFAULT_PORT = 3850;
export const DEFAULT_HOST = "localhost";

/** The command by which the daemon starts this program to run a model. It is nobody else's, so no help shows it. */
export const EMBED_WORKER = "embed-worker";

type Env = Readonly<Record<string, string | undefined>>;

/** Options that every command takes. */
export interface CommonOptions {
	/** `--path`: another workspace than the environment means. */
	readonly path?: string;
	/** `--url`: a daemon by its address. */
	readonly url?: string;
	/** `--json`: for programs. */
	readonly json?: boolean;
}

/** The workspace that a command works on. */
export function workspaceOf(options: Pick<CommonOptions, "path">, env: Env = process.env): WorkspacePaths {
	return workspacePaths(resolve(options.path ?? workspaceRoot(env, homedir())));
}

/** What `SIGNET_HOST` says; an IPv6 address may stand in brackets, as it does in an address of the web. */
export function givenHost(env: Env = process.env): string | undefined {
	return env.SIGNET_HOST?.replace(/^\[(.*)\]$/, "$1") || undefined;
}

/** Where a daemon is to listen; the port may be anything that `SIGNET_PORT` says. */
export function listenAddress(env: Env = process.env): { host: string; port: number } {
	return { host: givenHost(env) ?? DEFAULT_HOST, port: Number(env.SIGNET_PORT || DEFAULT_PORT) };
}

/** The command that starts this program again. */
export function ownCommand(): string[] {
	return isCompiled() ? [process.execPath] : [process.execPath, Bun.main];
}

/** What a person types for a command of this program, from where they are. */
export function typed(command: string): string {
	return `${isCompiled() ? typedProgram() : "npx signet"} ${command}`;
}

function typedProgram(): string {
	if (Bun.which("signet") === process.execPath) return "signet";
	const path = relative(process.cwd(), process.execPath);
	return path.startsWith("..") ? process.execPath : `./${path}`;
}

/** The file that this program is, where it is one. */
export function executableFile(): string | undefined {
	return isCompiled() ? process.execPath : undefined;
}

function isCompiled(): boolean {
	return /^(\/\$bunfs|[A-Z]:[\\/]~BUN)/.test(Bun.main);
}
