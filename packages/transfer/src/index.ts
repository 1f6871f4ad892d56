export { type ExportPage, exportPage } from "./export/export-page.ts";
export {
	beginImport,
	completeImport,
	type ImportRecord,
	listImports,
	type NewImport,
} from "./import/imports.ts";
export { takeRows } from "./import/take-rows.ts";
export { Trials } from "./import/trials.ts";
export { type Undone, undoImport } from "./import/undo.ts";
export { CARRIED, type Carried, type Taken, type TransferRow } from "./row.ts";
