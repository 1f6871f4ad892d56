export * from "./guard/index.ts";
export * from "./redaction/index.ts";
export * from "./run/index.ts";
