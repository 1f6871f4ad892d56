import { dirname, join } from "node:path";
import { StartupError, type WorkspacePaths } from "@signet/core";

/** What a service manager has to know to run the daemon of a workspace. */
export interface ServicePlan {
	/** Program and arguments that serve in the foreground. */
	readonly command: readonly string[];
	readonly paths: WorkspacePaths;
	readonly homeFolder: string;
	readonly host: string;
	readonly port: number;
	/** Folders besides the workspace and those of the agents that the daemon may write to. */
	readonly writableFolders: readonly string[];
	/** Keep the daemon from writing anywhere else; some systems do not let an ordinary user's services be kept so. */
	readonly isConfined: boolean;
}

/** Where agents keep what the daemon keeps in step for them, as far as they are there. */
const AGENT_FOLDERS = [
	".claude",
	".codex",
	".config/opencode",
	".openclaw",
	".clawdbot",
	".moltbot",
	".config/signet",
] as const;

const SYSTEM_FOLDERS = ["/usr/local/bin", "/opt/homebrew/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin"];

/** The environment of the daemon, in the order in which it is written down. */
export function environmentOf({ command, paths, homeFolder, host, port }: ServicePlan): (readonly [string, string])[] {
	const own = command[0] === undefined ? [] : [dirname(command[0])];
	const searched = [...own, join(homeFolder, ".local", "bin"), join(homeFolder, ".bun", "bin"), ...SYSTEM_FOLDERS];
	return [
		["SIGNET_PATH", paths.root],
		["SIGNET_PORT", String(port)],
		["SIGNET_HOST", host],
		["PATH", [...new Set(searched)].join(":")],
	];
}

/** Folders that the daemon may write to, besides its workspace; they need not exist. */
export function writableFoldersOf({ homeFolder, writableFolders }: ServicePlan): string[] {
	return [...AGENT_FOLDERS.map((name) => join(homeFolder, name)), ...writableFolders];
}

/** Refuse what no file of a service manager can say: a line break would begin a line of its own there. */
export function demandPlain(plan: ServicePlan): void {
	const texts = [...plan.command, plan.paths.root, plan.homeFolder, plan.host, ...plan.writableFolders];
	// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
	const bad = texts.find((text) => /[\u0000-\u001f\u007f]/.test(text) || text.endsWith("\\"));
	if (bad === undefined) return;
	throw new StartupError(
		`${JSON.stringify(bad)} cannot be written into the file of a service: it has a control character, or a backslash at its end`,
		"Use another folder.",
	);
}
