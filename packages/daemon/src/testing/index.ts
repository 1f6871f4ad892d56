export { MACHINE, type ReleaseRegistry, startReleaseRegistry } from "./release-registry.ts";
