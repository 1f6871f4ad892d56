import { type EditedValue, removeFromYaml, setInYaml } from "./edit-yaml.ts";
import { isNothing } from "./judge.ts";
import { aliasPath } from "./known-names.ts";
import { lookUp, type Path } from "./path.ts";
import { readConfiguration } from "./read.ts";
import type { ConfigurationRow } from "./rows.ts";

/**
 * The text of a configuration with another value of a setting, or with none (undefined). It is changed where it stands,
 * be it under an older name; where it stands twice, the name that does not hold goes. Throws a `YamlEditError` where
 * the text cannot be changed.
 */
export function changeSetting(text: string, row: ConfigurationRow, value: EditedValue | undefined): string {
	const { section } = readConfiguration(text, {}).document;
	const says = (path: Path) => !isNothing(lookUp(section, path));
	const base = row.sections.find(says) ?? row.sections[0] ?? [];
	const own = [...base, ...row.below];
	const places = [own, ...(row.key.aliases ?? []).map((alias) => aliasPath(alias, base))];
	const kept = value === undefined ? undefined : (places.find(says) ?? own);
	const changed = value === undefined || !kept ? text : setInYaml(text, kept, value);
	return places.filter((place) => place !== kept).reduce(removeFromYaml, changed);
}
