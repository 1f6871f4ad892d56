export { type Approval, type ApprovalStatus, Approvals } from "./approvals.ts";
export { type AuditEntry, AuditLog } from "./audit-log.ts";
export type { Caller } from "./caller.ts";
export {
	type CommandRequest,
	type CommandResult,
	CommandRunner,
	type CommandRunnerOptions,
	type CommandSettings,
	DEFAULT_TIMEOUT_MS,
	MAX_TIMEOUT_MS,
	type SecretValues,
} from "./command-runner.ts";
export { Policies, type SealedTexts } from "./policies.ts";
export { policySchema, type SecretPolicy, USES, type Use } from "./policy.ts";
export { RunRecords } from "./run-records.ts";
export type { Command } from "./shell.ts";
