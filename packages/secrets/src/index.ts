export * from "./redaction/index.ts";
