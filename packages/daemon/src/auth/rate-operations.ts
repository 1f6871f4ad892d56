/** What is limited, by the names that the configuration has for it (`auth.rateLimits`). */
export type RateOperation =
	| "forget"
	| "modify"
	| "batchForget"
	| "forceDelete"
	| "admin"
	| "remember"
	| "exec"
	| "taskRun";

/** What starts programs is limited for everybody, also where no tokens are asked for. */
const EVERYWHERE: readonly RateOperation[] = ["exec", "taskRun"];

/** Whether an operation is limited in `local` mode too. */
export function isLimitedEverywhere(operation: RateOperation): boolean {
	return EVERYWHERE.includes(operation);
}
