import { expect, test } from "bun:test";
import { inferType } from "./inference.ts";

test.each([
	["I prefer small pull requests", "preference"],
	["Lena prefers tabs", "preference"],
	["Support likes a changelog", "preference"],
	["We want one log line", "preference"],
	["Decided on Kafka", "decision"],
	["The importer will use streams", "decision"],
	["The team agreed on it", "decision"],
	["Learned that it strips slashes", "learning"],
	["TIL git bisect can run a script", "learning"],
	["There are two bugs in the pager", "issue"],
	["issue: the socket drops", "issue"],
	["The export is broken", "issue"],
	["ALWAYS LOCK THE DOOR", "rule"],
	["They decided they prefer tabs", "preference"],
	["We decided to never deploy on Fridays", "decision"],
	["I learned that the bug was in the cache", "learning"],
	["The cache holds 2048 entries", "fact"],
	["The debug build prints timings", "fact"],
	["Wait until the queue drains", "fact"],
	["The mustard theme has low contrast", "fact"],
	["An unwanted effect", "fact"],
	["A dislikes table", "fact"],
])("%p is a %s", (content, type) => {
	expect(inferType(content)).toBe(type);
});
