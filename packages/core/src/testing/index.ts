export * from "./seeded-world.ts";
