import { isKey, isKeySection, type Key, type Keys } from "./keys.ts";
import { aliasPath } from "./known-names.ts";
import { dotted, type Path } from "./path.ts";
import { configurationTable, WITHOUT_EFFECT } from "./table.ts";

/** A key of the table with all its names. */
export interface ConfigurationRow {
	/** Dotted, as everywhere it is spoken of. */
	readonly name: string;
	readonly key: Key;
	/** Dotted; older names, which are read where the key itself is absent. */
	readonly aliases: readonly string[];
	/** Whether anything acts on it in this version. */
	readonly hasEffect: boolean;
}

/** A heading of the table with the keys right under it. */
export interface ConfigurationPart {
	/** Dotted; empty for what stands under no heading. */
	readonly name: string;
	readonly description: string;
	/** Dotted; where else the whole section may stand. */
	readonly elsewhere: readonly string[];
	readonly rows: readonly ConfigurationRow[];
}

/** The table, part by part. */
export function configurationParts(): ConfigurationPart[] {
	const top = { name: "", description: "Beside all sections.", elsewhere: [] };
	return partsOf(configurationTable, [], top);
}

/** All keys of the table. */
export function configurationRows(): ConfigurationRow[] {
	return configurationParts().flatMap(({ rows }) => rows);
}

/** The key of that name, be it an older one; and the names that `features` is open for. */
export function findRow(name: string): ConfigurationRow | undefined {
	const rows = configurationRows();
	return rows.find((row) => row.name === name) ?? rows.find(({ aliases }) => aliases.includes(name));
}

function partsOf(keys: Keys, path: Path, head: Omit<ConfigurationPart, "rows">): ConfigurationPart[] {
	const rows: ConfigurationRow[] = [];
	const inner: ConfigurationPart[] = [];
	const collect = (tree: Keys, at: Path) => {
		for (const [name, entry] of Object.entries(tree)) {
			const here = [...at, name];
			if (isKey(entry)) rows.push(rowOf(entry, here, path, head.elsewhere));
			else if (isKeySection(entry)) {
				const { description, elsewhere } = entry;
				inner.push(...partsOf(entry.keys, here, { name: dotted(here), description, elsewhere }));
			} else collect(entry, here);
		}
	};
	collect(keys, path);
	return [{ ...head, rows }, ...inner];
}

function rowOf(key: Key, path: Path, base: Path, elsewhere: readonly string[]): ConfigurationRow {
	const name = dotted(path);
	const own = (key.aliases ?? []).map((alias) => dotted(aliasPath(alias, base)));
	const below = dotted(path.slice(base.length));
	return {
		name,
		key,
		aliases: [...own, ...elsewhere.map((place) => `${place}.${below}`)],
		hasEffect: !WITHOUT_EFFECT.some((part) => name === part || name.startsWith(`${part}.`)),
	};
}
