import leven from "leven";
import { isKey, isKeySection, type KeyEntry, type Keys } from "./keys.ts";
import { dotted, type Path } from "./path.ts";

/** All places that may be named in a file, as a tree. */
interface KnownName {
	readonly below: Map<string, KnownName>;
	/** Nothing under it is judged by its name. */
	isOpen: boolean;
}

/** The names of a table of keys, older ones included. */
export class KnownNames {
	readonly #root: KnownName = { below: new Map(), isOpen: false };
	/** Dotted; those of today first. */
	readonly #places: string[] = [];
	readonly #olderPlaces: string[] = [];

	constructor(keys: Keys) {
		this.#addKeys(keys, [], [], this.#places);
	}

	/** Where in a document something stands under a name that nobody knows; the topmost of such names. */
	unknownIn(document: Readonly<Record<string, unknown>>): Path[] {
		return unknownUnder(this.#root, document, []);
	}

	/** The name that was meant, when one is so near that hardly another can have been. */
	suggestionFor(path: Path): string | undefined {
		const wanted = plain(dotted(path));
		const last = plain(path.at(-1) ?? "");
		const places = [...this.#places, ...this.#olderPlaces];
		const sameLast = places.filter((place) => plain(place.slice(place.lastIndexOf(".") + 1)) === last);
		const nearest = places
			.map((place) => ({ place, distance: leven(wanted, plain(place)) }))
			.reduce((best, each) => (each.distance < best.distance ? each : best));
		if (nearest.distance <= Math.max(1, Math.floor(last.length / 3))) return nearest.place;
		return sameLast.length === 1 ? sameLast[0] : undefined;
	}

	#addKeys(keys: Keys, at: Path, base: Path, places: string[]): void {
		for (const [name, entry] of Object.entries(keys)) this.#addEntry(entry, [...at, name], base, places);
	}

	#addEntry(entry: KeyEntry, at: Path, base: Path, places: string[]): void {
		if (isKey(entry)) {
			this.#add(at, places).isOpen = entry.kind === "flags" || entry.kind === "anything";
			for (const alias of entry.aliases ?? []) this.#add(aliasPath(alias, base), this.#olderPlaces);
			return;
		}
		this.#add(at, places);
		if (!isKeySection(entry)) {
			this.#addKeys(entry, at, base, places);
			return;
		}
		this.#addKeys(entry.keys, at, at, places);
		for (const place of entry.elsewhere) {
			this.#addKeys(entry.keys, place.split("."), place.split("."), this.#olderPlaces);
		}
	}

	#add(path: Path, places: string[]): KnownName {
		places.push(dotted(path));
		return path.reduce((parent, name) => {
			const known = parent.below.get(name) ?? { below: new Map(), isOpen: false };
			parent.below.set(name, known);
			return known;
		}, this.#root);
	}
}

/** Where an older name of a key stands. */
export function aliasPath(alias: string, base: Path): Path {
	return alias.startsWith("/") ? [alias.slice(1)] : [...base, ...alias.split(".")];
}

function unknownUnder(known: KnownName, value: unknown, path: Path): Path[] {
	if (known.isOpen || typeof value !== "object" || value === null || Array.isArray(value)) return [];
	return Object.entries(value).flatMap(([name, inner]) => {
		const at = [...path, name];
		const below = known.below.get(name);
		return below ? unknownUnder(below, inner, at) : [at];
	});
}

/** Without what people write one way or the other. */
function plain(name: string): string {
	return name.toLowerCase().replace(/[-_ ]/g, "");
}
