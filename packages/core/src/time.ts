/**
 * Times are ISO-8601 in UTC with milliseconds and a `Z`. Old rows may carry SQLite's `YYYY-MM-DD HH:MM:SS`, which is
 * UTC too although it does not say so.
 */

const DATE_ONLY = /^\d{4}-\d{2}-\d{2}$/;
const WITHOUT_ZONE = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)$/;
const WITH_ZONE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})$/i;
const MS_PER_DAY = 86_400_000;

/** Milliseconds since the epoch as stored text. */
export function isoTime(epochMs: number): string {
	return new Date(epochMs).toISOString();
}

/** Milliseconds since the epoch of a stored or given time; undefined when it is none. A bare date is its first moment. */
export function parseTime(text: string): number | undefined {
	const trimmed = text.trim();
	const zoneless = WITHOUT_ZONE.exec(trimmed);
	if (zoneless) return finite(Date.parse(`${zoneless[1]}T${zoneless[2]}Z`));
	if (DATE_ONLY.test(trimmed) || WITH_ZONE.test(trimmed)) return finite(Date.parse(trimmed));
	return undefined;
}

/** As `parseTime`, but a bare date is its last moment, so that "until the tenth" includes the tenth. */
export function parseTimeUntil(text: string): number | undefined {
	const time = parseTime(text);
	return time !== undefined && DATE_ONLY.test(text.trim()) ? time + MS_PER_DAY - 1 : time;
}

function finite(value: number): number | undefined {
	return Number.isFinite(value) ? value : undefined;
}
