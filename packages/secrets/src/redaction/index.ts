export { ValueFinder } from "./finder.ts";
export { RedactingStream } from "./redacting-stream.ts";
export { type Replaced, replaceValues } from "./replace.ts";
export type { PartLimits } from "./value-parts.ts";
