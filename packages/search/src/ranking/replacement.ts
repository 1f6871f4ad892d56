import type { Claim, Relation } from "./claims.ts";

/** What a question asks for, as far as it decides whether one claim takes the place of another. */
export interface AskedFor {
	/** Whether a word is one of the question's. */
	readonly looksFor: (word: string) => boolean;
	/** It asks which, what, who or where. */
	readonly asksWhich: boolean;
	/** It asks where. */
	readonly asksWhere: boolean;
}

/** The relations of facts that have one value at a time, with how many words they have to be about, to be about one thing. */
const LEAST_ABOUT: Readonly<Partial<Record<Relation, number>>> = {
	is: 2,
	as: 1,
	place: 1,
	platform: 1,
	work: 1,
	by: 1,
};
/** What has moved was there, or was it; what was switched was used, or was it. */
const BEFORE_CHANGE: Readonly<Partial<Record<Relation, readonly Relation[]>>> = {
	move: ["place", "move"],
	switch: ["is", "as", "use", "platform", "by", "switch"],
};

/** Whether what the later of two claims says holds in place of what the earlier says. */
export function replaces(later: Claim, earlier: Claim, asked: AskedFor): boolean {
	if (earlier.value.size === 0 || later.isOwn !== earlier.isOwn) return false;
	if (later.former.size > 0) return namesAsFormer(later, earlier, asked);
	if (later.value.size === 0 || !later.value.isDisjointFrom(earlier.value) || !areOfOneKind(later, earlier))
		return false;
	if (later.isChange) return tellsOfChange(later, earlier, asked);
	return isSameFact(later, earlier, asked);
}

/** `We switched from npm to pnpm`, after `We use npm`. */
function namesAsFormer(later: Claim, earlier: Claim, { looksFor }: AskedFor): boolean {
	// `npm 8` is npm, `coffee grounds` are no coffee.
	if (![...later.former.symmetricDifference(earlier.value)].every((word) => NUMBER.test(word))) return false;
	// That we have moved from Berlin says nothing of who else is there.
	if (later.about.size === 0 && earlier.about.size > 0 && earlier.relation === "place") return false;
	// Of the docs site alone, or of all?
	if (later.about.isSubsetOf(earlier.about)) return true;
	return earlier.about.isSubsetOf(later.about) && [...later.about.difference(earlier.about)].every(looksFor);
}

/** `We moved the deploys to Fly.io`, after `Deploys happen on Heroku`. */
function tellsOfChange(later: Claim, earlier: Claim, { looksFor, asksWhere }: AskedFor): boolean {
	const relations = BEFORE_CHANGE[later.relation] ?? [];
	const isPlace = later.relation === "move" && asksWhere && earlier.relation === "platform";
	if (!relations.includes(earlier.relation) && !isPlace) return false;
	if (later.about.size === 0 && earlier.about.size === 0) {
		if (later.isOwn && later.relation === "move") return true;
		// `We switched to pnpm`, after `We use npm`: that it is about the same, only who asks `npm or pnpm` says.
		return [later, earlier].every((one) => [...one.value].some(looksFor));
	}
	return areEqual(later.about, earlier.about);
}

/** `The primary database is CockroachDB`, after `The primary database is Postgres`; asked for which that is. */
function isSameFact(later: Claim, earlier: Claim, { looksFor, asksWhich }: AskedFor): boolean {
	const least = LEAST_ABOUT[later.relation];
	if (least === undefined || later.relation !== earlier.relation || !asksWhich) return false;
	if (later.about.size < least && !later.isOwn) return false;
	// `The API is on Fly.io` holds though it is `in beta`.
	if (later.isName !== earlier.isName) return false;
	return areEqual(later.about, earlier.about) && ![...later.value, ...earlier.value].some(looksFor);
}

/** A day is no place, and a number no name. */
function areOfOneKind({ value: one }: Claim, { value: other }: Claim): boolean {
	const has = (value: ReadonlySet<string>, kind: RegExp) => [...value].some((word) => kind.test(word));
	return [NUMBER, DAY].every((kind) => has(one, kind) === has(other, kind));
}

const NUMBER = /^\d/;
/** As they are indexed. */
const DAY =
	/^(?:(?:mon|tues|wednes|thurs|fri|satur|sun)dai|januari|februari|march|april|mai|june|juli|august|septemb|octob|novemb|decemb|week|month|quarter|year|spring|summer|autumn|winter|morn|even|noon|night)$/;

function areEqual(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
	return one.size === other.size && one.isSubsetOf(other);
}
