import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const RUN = /^[0-9a-f-]{36}$/;

/** Which commands are being run, where a later process finds it if this one ends without ending them. */
export class RunRecords {
	constructor(private readonly folder: string) {}

	begin(run: string): void {
		mkdirSync(this.folder, { recursive: true, mode: 0o700 });
		writeFileSync(join(this.folder, run), "", { mode: 0o600 });
	}

	end(run: string): void {
		rmSync(join(this.folder, run), { force: true });
	}

	/** All that were begun and not ended. */
	all(): string[] {
		try {
			return readdirSync(this.folder).filter((name) => RUN.test(name));
		} catch {
			return [];
		}
	}
}
