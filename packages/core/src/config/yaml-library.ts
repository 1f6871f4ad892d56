import type * as Yaml from "yaml";

/**
 * The library that knows where in a text a thing stands. Loaded when first needed: a daemon whose file is sound never
 * needs it, and it takes 2 MB.
 */
export function yamlLibrary(): typeof Yaml {
	return require("yaml");
}
