/** Versions as https://semver.org has them, compared as the earlier daemon did: also those that it would not accept. */

interface Parsed {
	readonly core: readonly number[];
	readonly prerelease: readonly string[];
}

/** Exactly one version: what may be asked for and installed. */
const EXACT = /^\d{1,9}\.\d{1,9}\.\d{1,9}(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/;
const MAX_CHARS = 100;

/** Whether a text names one version and nothing else. */
export function isExactVersion(text: string): boolean {
	return text.length <= MAX_CHARS && EXACT.test(text);
}

/** Negative when `a` comes before `b`, positive when after, 0 when neither does. */
export function compareVersions(a: string, b: string): number {
	const [first, second] = [parse(a), parse(b)];
	if (!first || !second) return compareTexts(stripped(a), stripped(b));
	const length = Math.max(first.core.length, second.core.length);
	for (let at = 0; at < length; at++) {
		const difference = (first.core[at] ?? 0) - (second.core[at] ?? 0);
		if (difference !== 0) return Math.sign(difference);
	}
	return comparePrereleases(first.prerelease, second.prerelease);
}

/** The first number of a version; 0 when it is none. */
export function majorOf(version: string): number {
	return parse(version)?.core[0] ?? 0;
}

/**
 * Whether an upgrade may break what worked: another first number, or, as long as that is 0, another second one. Nobody
 * is taken over such a step without being asked.
 */
export function isBreakingUpgrade(from: string, to: string): boolean {
	const [before, after] = [parse(from)?.core ?? [], parse(to)?.core ?? []];
	if ((before[0] ?? 0) !== (after[0] ?? 0)) return true;
	return (before[0] ?? 0) === 0 && (before[1] ?? 0) !== (after[1] ?? 0);
}

function stripped(version: string): string {
	return version.trim().replace(/^[vV]/, "");
}

function parse(version: string): Parsed | undefined {
	const text = stripped(version).replace(/\+.*$/s, "");
	const dash = text.indexOf("-");
	const core = (dash < 0 ? text : text.slice(0, dash)).split(".");
	const prerelease =
		dash < 0
			? []
			: text
					.slice(dash + 1)
					.split(".")
					.filter((part) => part !== "");
	const isSound = core.every((part) => /^\d+$/.test(part)) && prerelease.every((part) => /^[0-9A-Za-z-]+$/.test(part));
	return isSound ? { core: core.map(Number), prerelease } : undefined;
}

function comparePrereleases(a: readonly string[], b: readonly string[]): number {
	if (a.length === 0 || b.length === 0) return Math.sign(b.length - a.length);
	for (let at = 0; at < Math.min(a.length, b.length); at++) {
		const difference = compareParts(a[at] ?? "", b[at] ?? "");
		if (difference !== 0) return difference;
	}
	return Math.sign(a.length - b.length);
}

function compareParts(a: string, b: string): number {
	const [isNumber, isOtherNumber] = [a, b].map((part) => /^\d+$/.test(part));
	if (isNumber && isOtherNumber) return Math.sign(Number(a) - Number(b));
	if (isNumber !== isOtherNumber) return isNumber ? -1 : 1;
	return compareTexts(a, b);
}

function compareTexts(a: string, b: string): number {
	return a === b ? 0 : a < b ? -1 : 1;
}
