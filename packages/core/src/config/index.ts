/** What is needed to check, show and change a configuration, besides reading it. */

export { changeSetting } from "./change.ts";
export { checkConfiguration, describeProblem, type LocatedProblem } from "./check.ts";
export { type EditedValue, YamlEditError } from "./edit-yaml.ts";
export { environmentVariables } from "./environment-variables.ts";
export { expectationOf, judge, rangeOf } from "./judge.ts";
export type { Key } from "./keys.ts";
export { lookUp, type Path } from "./path.ts";
export { type Configuration, knownNames, type Origin, readConfiguration } from "./read.ts";
export {
	type ConfigurationPart,
	type ConfigurationRow,
	configurationParts,
	configurationRows,
	findRow,
} from "./rows.ts";
export { type YamlText, yamlTextOf } from "./yaml-text.ts";
