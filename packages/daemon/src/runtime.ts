/** What a program beside the daemon needs of it, without loading it: where it runs, what it logged, whether it is there. */
export { authSettingsOf } from "./auth/auth-settings.ts";
export { readClientToken } from "./auth/client-token.ts";
export { ROLES, type Role } from "./auth/permissions.ts";
export { findConfigFile } from "./config/config-candidates.ts";
export { type ConfigEdit, editConfigFile } from "./config/edit-config-file.ts";
export { isLoopbackHost } from "./http/gate.ts";
export { formatLogEntry, isAtLeast, LOG_LEVELS, type LogEntry, type LogLevel } from "./logs/log-entry.ts";
export { logFileOf } from "./logs/logger.ts";
export { type LogQuery, matches, parseLogLines, readLog } from "./logs/read-log.ts";
export { askHealth, type Health } from "./process/ask-health.ts";
export { Ending, type EndingOptions } from "./process/ending.ts";
export { isSameProcess, type ProcessStart } from "./process/process-start.ts";
export { isSameFolder } from "./process/served-already.ts";
export { type Supervisor, supervisorOf } from "./process/supervisor.ts";
export { VERSION } from "./version.ts";
export { lockWorkspace, type WorkspaceLock } from "./workspace/lock.ts";
export { type DaemonRecord, readDaemonRecord, removeRuntimeFiles } from "./workspace/runtime-files.ts";
export { startFailure } from "./workspace/start-failure.ts";
