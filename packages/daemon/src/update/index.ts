/** What changes the version of this program, for the command line. */
export { type Applied, applyStaged, type DaemonControl, rollBack } from "./apply-staged.ts";
export { InstalledProgram, type UpdateRecord } from "./installed-program.ts";
export { withSettings } from "./persist-settings.ts";
export { type Channel, Registry, type Release } from "./registry.ts";
export { trustedKeys } from "./release-key.ts";
export { type Staging, stageRelease } from "./stage-release.ts";
export { adviceOn, UpdateProblem } from "./update-problem.ts";
export { compareVersions, isBreakingUpgrade, isExactVersion } from "./version.ts";
