export { type BundleStats, type PageReader, writeManifest, writeRows } from "../export/bundle-contents.ts";
export { type BundleWriter, isOneFile, writeBundle } from "../export/bundle-writer.ts";
export { IDENTITY_FILES } from "./bundle.ts";
export { detectFormat, FORMATS, type FormatName, isFormat, type OpenSource, openSource } from "./detect.ts";
export type { Found, Progress, Source } from "./found.ts";
