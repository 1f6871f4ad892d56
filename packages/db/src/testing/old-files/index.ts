import {
	commandLine,
	commandLineInline,
	demanding,
	halfMigrated,
	inlineMigrated,
	unified,
	unnamed,
	withoutChecksums,
} from "./command-line.ts";
import type { OldFile } from "./old-file.ts";
import { numbered, python, pythonMigrated, pythonWithFewColumns, pythonWithMore } from "./python.ts";
import { REFERENCE_FILES } from "./reference.ts";

export { type OldFile, writeOldFile } from "./old-file.ts";

/** Every shape that is to be opened, one file each. */
export const OLD_FILES: readonly OldFile[] = [
	python,
	pythonWithFewColumns,
	pythonWithMore,
	numbered,
	pythonMigrated,
	commandLine,
	commandLineInline,
	unified,
	unnamed,
	demanding,
	halfMigrated,
	inlineMigrated,
	withoutChecksums,
	...REFERENCE_FILES,
];
