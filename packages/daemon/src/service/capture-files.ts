import { chmodSync, closeSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import type { WorkspacePaths } from "@signet/core";

/** Make the files that what the daemon prints is appended to: a service manager would make them for everybody to read. */
export function makeCaptureFiles({ logFolder }: WorkspacePaths): void {
	mkdirSync(logFolder, { recursive: true, mode: 0o700 });
	for (const name of ["daemon.out.log", "daemon.err.log"]) {
		const file = join(logFolder, name);
		closeSync(openSync(file, "a", 0o600));
		chmodSync(file, 0o600);
	}
}
