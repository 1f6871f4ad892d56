import { expect, test } from "bun:test";
import { isoTime, parseTime, parseTimeUntil } from "./time.ts";

test.each([
	["2026-01-10T12:00:00.000Z", "2026-01-10T12:00:00.000Z"],
	["2026-01-10 12:00:00", "2026-01-10T12:00:00.000Z"],
	["2026-01-10T12:00:00", "2026-01-10T12:00:00.000Z"],
	["2026-01-10T12:00", "2026-01-10T12:00:00.000Z"],
	["2026-01-13T13:30:00.000+02:00", "2026-01-13T11:30:00.000Z"],
	["2026-01-10", "2026-01-10T00:00:00.000Z"],
])("parseTime(%p) is %p", (text, expected) => {
	const time = parseTime(text);
	expect(time === undefined ? undefined : isoTime(time)).toBe(expected);
});

test.each(["last week", "", "2026-13-01", "2026-01-10T99:00:00Z", "1767225600", "10/01/2026"])(
	"%p is no time",
	(text) => {
		expect(parseTime(text)).toBeUndefined();
		expect(parseTimeUntil(text)).toBeUndefined();
	},
);

test("until a day includes that day", () => {
	expect(isoTime(parseTimeUntil("2026-01-10") ?? 0)).toBe("2026-01-10T23:59:59.999Z");
	expect(isoTime(parseTimeUntil("2026-01-10T08:00:00Z") ?? 0)).toBe("2026-01-10T08:00:00.000Z");
});
