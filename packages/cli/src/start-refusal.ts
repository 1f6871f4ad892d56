import { type Settings, StartupError } from "@signet/core";
import { authSettingsOf } from "@signet/daemon/runtime";
import { DEFAULT_HOST } from "./environment.ts";

/** What in a configuration file the daemon does not start with, wherever it is to listen; by file and line. */
export function startRefusal(settings: Settings, file: string): string | undefined {
	try {
		authSettingsOf({ settings, source: { file, isInForce: true } }, DEFAULT_HOST);
		return undefined;
	} catch (error) {
		if (error instanceof StartupError) return error.message;
		throw error;
	}
}
