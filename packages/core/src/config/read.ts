import { type ConfigurationValues, withDependentValues } from "./dependent-values.ts";
import { type ConfigDocument, isSection, parseConfigDocument } from "./document.ts";
import { isNothing, type Judgement, judge } from "./judge.ts";
import { isKey, isKeySection, type Key, type KeySection, type Keys } from "./keys.ts";
import { aliasPath, KnownNames } from "./known-names.ts";
import { dotted, lookUp, type Path } from "./path.ts";
import { parseSimpleYaml, type Section } from "./simple-yaml.ts";
import { configurationTable } from "./table.ts";
import { type TextPlace, yamlTextOf } from "./yaml-text.ts";

/** Something in the file that is not used as it stands. */
export interface ConfigProblem {
	readonly kind: "syntax" | "unknown" | "type" | "range" | "unused";
	/** Where it stands in the file; empty for the file as a whole. */
	readonly path: Path;
	/** What is wrong, and what is used instead. */
	readonly text: string;
	/** Where in the text, as far as that is known without looking for it. */
	readonly place?: TextPlace;
}

/** Where the value of a key comes from. */
export type Origin =
	| { readonly from: "file"; readonly path: Path }
	| { readonly from: "environment"; readonly name: string };

/** What a configuration says. */
export interface Configuration {
	readonly values: ConfigurationValues;
	/** By the dotted name of the key; a key that is not here has its default. */
	readonly origins: ReadonlyMap<string, Origin>;
	readonly problems: readonly ConfigProblem[];
	/** As it was parsed. */
	readonly document: ConfigDocument;
	/** Why it was read line by line, when it was. */
	readonly notYaml?: NotYaml;
}

/** Why a text was not read as YAML. */
export type NotYaml = Pick<ConfigProblem, "text" | "place">;

type Env = Readonly<Record<string, string | undefined>>;

/** Read a configuration text by the table. Never fails: what cannot be used is among the problems. */
export function readConfiguration(text: string, env: Env): Configuration {
	let lines: Section | undefined;
	const document = parseConfigDocument(text);
	const reader = new TableReader(document, env, () => (lines ??= parseSimpleYaml(text)));
	if (document.problem !== undefined) return withSyntaxProblem(reader.configuration, notYaml(text, document.problem));
	return reader.isInOldDialect ? readByLines(text, env) : reader.configuration;
}

/** Read a configuration text by the old line dialect, whatever it is. */
export function readByLines(text: string, env: Env): Configuration {
	const section = parseSimpleYaml(text);
	const { configuration } = new TableReader({ section }, env, () => section);
	return withSyntaxProblem(configuration, { text: "what should be settings is text in it" });
}

function withSyntaxProblem(configuration: Configuration, notYaml: NotYaml): Configuration {
	const problem = { kind: "syntax", path: [], ...notYaml, text: `${notYaml.text}; read line by line instead` } as const;
	return { ...configuration, notYaml, problems: [problem, ...configuration.problems] };
}

/** Where a text that is no YAML is to be corrected. */
function notYaml(text: string, reason: string): NotYaml {
	const fault = yamlTextOf(text)?.faults[0];
	if (!fault) return { text: `not valid YAML (${reason})` };
	const { line, column } = fault;
	return { text: `not valid YAML (${fault.text})`, place: { line, column } };
}

class TableReader {
	readonly configuration: Configuration;
	/** Whether a text has names in it that belong to settings: `search: |`, or `alpha:0.5` without a blank. */
	isInOldDialect = false;
	readonly #problems: ConfigProblem[] = [];
	readonly #origins = new Map<string, Origin>();

	constructor(
		private readonly document: ConfigDocument,
		private readonly env: Env,
		/** The text as the old dialect has it. */
		private readonly byLines: () => Section,
	) {
		// What the table says of types holds for what is read by it.
		const values = this.#tree(configurationTable, [], [], []) as ConfigurationValues;
		this.#tellUnknown();
		this.configuration = {
			values: withDependentValues(values, document.section, (key) => this.#origins.has(key)),
			origins: this.#origins,
			problems: this.#problems,
			document,
		};
	}

	/** `path` is the name of the tree, `at` where it stands, `base` where older names begin. */
	#tree(keys: Keys, path: Path, at: Path, base: Path): Record<string, unknown> {
		const values: Record<string, unknown> = {};
		for (const [name, entry] of Object.entries(keys)) {
			const inner = [...path, name];
			if (isKey(entry)) {
				const older = (entry.aliases ?? []).map((alias) => aliasPath(alias, base));
				values[name] = this.#key(entry, inner, [[...at, name], ...older]);
			} else if (isKeySection(entry)) {
				const place = this.#placeOf(entry, [...at, name]);
				values[name] = this.#tree(entry.keys, inner, place, place);
			} else {
				this.#expectSection([...at, name]);
				values[name] = this.#tree(entry, inner, [...at, name], base);
			}
		}
		return values;
	}

	/** The first of the places where a section may stand that holds anything. */
	#placeOf({ elsewhere }: KeySection, at: Path): Path {
		const places = [at, ...elsewhere.map((place) => place.split("."))];
		const [place = at, ...others] = places.filter((each) => !isNothing(this.#at(each)));
		for (const other of others) this.#tell("unused", other, `it is not used, since ${dotted(place)} is there`);
		this.#expectSection(place);
		return place;
	}

	#expectSection(path: Path): void {
		const value = this.#at(path);
		if (isNothing(value) || isSection(value)) return;
		if (typeof value === "string" && value.includes(":")) this.isInOldDialect = true;
		this.#tell("type", path, "it is no section with settings under it");
	}

	#key(key: Key, path: Path, places: readonly Path[]): unknown {
		const { environment } = key;
		const fromEnvironment = environment && this.env[environment.name];
		const [place, ...others] = places.filter((each) => !isNothing(this.#at(each)));
		if (environment && fromEnvironment && (environment.beatsFile || !place)) {
			this.#origins.set(dotted(path), { from: "environment", name: environment.name });
			return this.#judge(key, fromEnvironment, [environment.name]);
		}
		if (!place) {
			this.#tellEmpty(key, places);
			return key.default;
		}
		for (const other of others) {
			if (!Bun.deepEquals(this.#at(other), this.#at(place))) {
				this.#tell("unused", other, `it is not used, since ${dotted(place)} is there`);
			}
		}
		this.#origins.set(dotted(path), { from: "file", path: place });
		return this.#judge(key, this.#at(place), place);
	}

	#judge(key: Key, given: unknown, path: Path): unknown {
		const { value, fault } = this.#judgeAsBefore(key, given, path);
		if (!fault) return value;
		const used = value === undefined ? "it is left out" : `${JSON.stringify(value)} is used`;
		const consequence = concernsAuth(path) ? NO_START : key.kind === "flags" ? "left out" : used;
		this.#tell(fault.kind, path, `${fault.text}; ${consequence}`);
		return value;
	}

	/** What YAML takes for something else, such as `[draft]` or `0.5'`, is what it was in the old dialect, if that will do. */
	#judgeAsBefore(key: Key, given: unknown, path: Path): Judgement {
		const judgement = judge(key, given);
		if (judgement.fault?.kind !== "type") return judgement;
		const before = lookUp(this.byLines(), path);
		const judgementBefore = judge(key, before);
		if (isNothing(before) || judgementBefore.fault?.kind === "type") return judgement;
		if (typeof given === "string" && given.includes(":")) this.isInOldDialect = true;
		return judgementBefore;
	}

	#tellUnknown(): void {
		if (Object.keys(this.document.section).length === 0) return;
		const names = knownNames();
		for (const path of names.unknownIn(this.document.section)) {
			const consequence = concernsAuth(path) && path[1] !== "rateLimits" ? `, and ${NO_START}` : "";
			const meant = suggestion(path, names.suggestionFor(path));
			this.#tell("unknown", path, `there is no such setting${consequence}${meant}`);
		}
	}

	/** Whoever left the value of such a key blank meant one of its values, and nobody knows which. */
	#tellEmpty(key: Key, places: readonly Path[]): void {
		if (key.kind !== "choice" || !key.isRefused) return;
		const empty = places.find((place) => this.#at(place) !== undefined);
		if (empty) this.#tell("type", empty, `it has no value, such as ${key.choices.join(", ")}; ${NO_START}`);
	}

	#at(path: Path): unknown {
		return lookUp(this.document.section, path);
	}

	#tell(kind: ConfigProblem["kind"], path: Path, text: string): void {
		this.#problems.push({ kind, path, text });
	}
}

/**
 * Whether a place says who is let in, or was meant to: `Auth`, or `auth.mode` as one name. What is not understood there
 * may have been meant to keep somebody out.
 */
export function concernsAuth([section = ""]: Path): boolean {
	return /^auth(?!ors?$)/i.test(section);
}

const NO_START = "the daemon does not start with it";

function suggestion(path: Path, meant: string | undefined): string {
	if (meant === undefined) return "";
	const parts = meant.split(".");
	const isOneName = path.length < parts.length && path.at(-1)?.includes(".");
	return isOneName ? `; write ${parts.pop()} in a section ${parts.join(".")}` : `; did you mean ${meant}?`;
}

/** The names of the table; made anew each time, since they are rarely needed and take more room than the settings. */
export function knownNames(): KnownNames {
	return new KnownNames(configurationTable);
}
