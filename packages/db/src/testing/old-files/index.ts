import { commandLine, halfMigrated, inlineMigrated, unified, withoutChecksums } from "./command-line.ts";
import type { OldFile } from "./old-file.ts";
import { python, pythonMigrated, pythonWithFewColumns } from "./python.ts";
import { REFERENCE_FILES } from "./reference.ts";

export { type OldFile, writeOldFile } from "./old-file.ts";

/** Every shape that is to be opened, one file each. */
export const OLD_FILES: readonly OldFile[] = [
	python,
	pythonWithFewColumns,
	pythonMigrated,
	commandLine,
	unified,
	halfMigrated,
	inlineMigrated,
	withoutChecksums,
	...REFERENCE_FILES,
];
