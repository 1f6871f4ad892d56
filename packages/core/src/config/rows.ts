import { flag, isKey, isKeySection, type Key, type Keys } from "./keys.ts";
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
	/** Where its section may stand; the first place that holds anything is read alone. */
	readonly sections: readonly Path[];
	/** From the section to the key. */
	readonly below: Path;
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
	const top = { name: "", description: "What stands in no section.", elsewhere: [] };
	return partsOf(configurationTable, [], top);
}

/** All keys of the table. */
export function configurationRows(): ConfigurationRow[] {
	return configurationParts().flatMap(({ rows }) => rows);
}

/** The key of that name, be it an older one, or a switch of the reader's own such as `features.mine`. */
export function findRow(name: string): ConfigurationRow | undefined {
	const rows = configurationRows();
	return (
		rows.find((row) => row.name === name) ??
		rows.find(({ aliases }) => aliases.includes(name)) ??
		rows.map((row) => switchIn(row, name)).find((row) => row !== undefined)
	);
}

function switchIn(row: ConfigurationRow, name: string): ConfigurationRow | undefined {
	if (row.key.kind !== "flags" || !name.startsWith(`${row.name}.`)) return undefined;
	const below = [...row.below, name.slice(row.name.length + 1)];
	return { ...row, name, below, key: flag(false, row.key.description) };
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
	const below = path.slice(base.length);
	const otherSections = elsewhere.map((place) => place.split("."));
	const own = (key.aliases ?? []).map((alias) => dotted(aliasPath(alias, base)));
	return {
		name,
		key,
		aliases: [...own, ...otherSections.map((section) => dotted([...section, ...below]))],
		sections: [base, ...otherSections],
		below,
		hasEffect: !WITHOUT_EFFECT.some((part) => name === part || name.startsWith(`${part}.`)),
	};
}
