/** The one way to files whose names, or whose folders' contents, come from outside. */

export { ConfinedFolder, type ReplaceOptions } from "./confined-folder.ts";
export { FileName } from "./file-name.ts";
export { readRegularFile } from "./read-regular.ts";
export { type FileRefusal, RefusedFile } from "./refused-file.ts";
