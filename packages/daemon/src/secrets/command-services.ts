import type { Settings, WorkspacePaths, World } from "@signet/core";
import { Approvals, AuditLog, CommandRunner, Policies, RunRecords, type VaultGuard } from "@signet/secrets";
import type { SecretVault } from "./secret-vault.ts";

/** What uses of secrets go through. */
export interface CommandServices {
	readonly runner: CommandRunner;
	readonly policies: Policies;
	readonly approvals: Approvals;
	readonly audit: AuditLog;
}

export interface CommandServicesOptions {
	readonly vault: SecretVault;
	readonly paths: WorkspacePaths;
	readonly world: World;
	readonly settings: () => Pick<Settings, "secrets">;
	readonly guard: VaultGuard;
	readonly env: Readonly<Record<string, string | undefined>>;
	readonly homeFolder: string | undefined;
}

/** Put together what uses of secrets go through. Nothing is read before it is needed. */
export function commandServices(options: CommandServicesOptions): CommandServices {
	const { vault, paths, world, settings, guard, env, homeFolder } = options;
	const policies = new Policies(vault);
	const approvals = new Approvals(world);
	const audit = new AuditLog(paths.secretsAuditFile, world.clock, guard);
	const runner = new CommandRunner({
		vault,
		world,
		guard,
		policies,
		approvals,
		audit,
		records: new RunRecords(paths.runsFolder),
		settings: () => settings().secrets,
		env,
		homeFolder,
		forbiddenFolders: [paths.secretsFolder, paths.runtimeFolder],
	});
	return { runner, policies, approvals, audit };
}
