import { join } from "node:path";

/** Where everything of a workspace lies. Names are those of the reference unless they begin with `sgn` or say "ours". */
export interface WorkspacePaths {
	/** The workspace itself, `~/.agents` unless `SIGNET_PATH` says otherwise. */
	readonly root: string;
	readonly database: string;
	readonly memoryFolder: string;
	readonly runtimeFolder: string;
	readonly logFolder: string;
	/** Ours: models that make vectors, a folder each. */
	readonly modelsFolder: string;
	/** What must not be known: the vault, and what belongs to it. */
	readonly secretsFolder: string;
	/** The vault itself. */
	readonly secretsFile: string;
	/** Ours: held while the vault is changed. */
	readonly secretsLockFile: string;
	/** Ours: the record of all uses of secrets. */
	readonly secretsAuditFile: string;
	/** Ours: which commands are being run with secrets. */
	readonly runsFolder: string;
	/** The daemon's process id, decimal, nothing else. */
	readonly pidFile: string;
	/** Ours: where the running daemon listens (`DaemonRecord` as JSON). */
	readonly daemonFile: string;
	/** Ours: held open by the one process that owns the workspace. */
	readonly lockFile: string;
	readonly healthyStartFile: string;
	/** Ours: starts that have not come to serve (`FailedStart`s as JSON). */
	readonly startsFile: string;
	/** The key of tokens: 32 bytes, nothing else. */
	readonly authSecretFile: string;
	/** Ours: the key before it, for as long as its tokens hold. */
	readonly previousAuthSecretFile: string;
	/** Ours: the tokens that were made. */
	readonly authTokensFile: string;
	/** Ours: the token by which programs of this user speak with the daemon. */
	readonly clientTokenFile: string;
	/** Configuration files; the first that exists is the configuration. */
	readonly configFiles: readonly string[];
}

/** The paths of the workspace at `root`. Nothing is looked up or made. */
export function workspacePaths(root: string): WorkspacePaths {
	const runtimeFolder = join(root, ".daemon");
	const memoryFolder = join(root, "memory");
	const secretsFolder = join(root, ".secrets");
	return {
		root,
		memoryFolder,
		database: join(memoryFolder, "memories.db"),
		runtimeFolder,
		logFolder: join(runtimeFolder, "logs"),
		modelsFolder: join(runtimeFolder, "models"),
		secretsFolder,
		secretsFile: join(secretsFolder, "secrets.enc"),
		secretsLockFile: join(secretsFolder, ".lock"),
		secretsAuditFile: join(runtimeFolder, "audit", "secrets.ndjson"),
		runsFolder: join(runtimeFolder, "runs"),
		pidFile: join(runtimeFolder, "pid"),
		daemonFile: join(runtimeFolder, "daemon.json"),
		lockFile: join(runtimeFolder, "lock"),
		healthyStartFile: join(runtimeFolder, "last-healthy-start"),
		startsFile: join(runtimeFolder, "starts.json"),
		authSecretFile: join(runtimeFolder, "auth-secret"),
		previousAuthSecretFile: join(runtimeFolder, "auth-secret-previous"),
		authTokensFile: join(runtimeFolder, "auth-tokens.json"),
		clientTokenFile: join(runtimeFolder, "client-token"),
		configFiles: ["agent.yaml", "AGENT.yaml", "config.yaml"].map((name) => join(root, name)),
	};
}

/** The workspace that the environment means: `SIGNET_PATH` if it says anything, else `.agents` in the home folder. */
export function workspaceRoot(env: Readonly<Record<string, string | undefined>>, homeFolder: string): string {
	return env.SIGNET_PATH || join(homeFolder, ".agents");
}
