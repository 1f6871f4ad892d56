export { type BundleWriter, isOneFile, writeBundle } from "../export/bundle-writer.ts";
export { ExportSelection } from "../export/selection.ts";
export { CARRIED, type Carried } from "../row.ts";
export { BUNDLE_FILES, BUNDLE_VERSION, FORGOTTEN_FILE, IDENTITY_FILES, MANIFEST } from "./bundle.ts";
export { detectFormat, FORMATS, type FormatName, isFormat, type OpenSource, openSource } from "./detect.ts";
export type { Found, Progress, Source } from "./found.ts";
