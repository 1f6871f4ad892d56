import { readFileSync } from "node:fs";
import type { WorkspacePaths } from "@signet/core";

/** The token by which programs of this user speak with the daemon that runs; undefined where it wants none. */
export function readClientToken({ clientTokenFile }: Pick<WorkspacePaths, "clientTokenFile">): string | undefined {
	try {
		return readFileSync(clientTokenFile, "utf8").trim() || undefined;
	} catch {
		return undefined;
	}
}
