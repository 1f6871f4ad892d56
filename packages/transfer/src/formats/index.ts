export { CARRIED, type Carried } from "../row.ts";
export { BUNDLE_FILES, BUNDLE_VERSION, IDENTITY_FILES, MANIFEST } from "./bundle.ts";
export { detectFormat, FORMATS, type FormatName, isFormat } from "./detect.ts";
export type { Found, Progress, Source } from "./found.ts";
