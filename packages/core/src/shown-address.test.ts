import { expect, test } from "bun:test";
import { shownAddress } from "./shown-address.ts";

test("what may be a key is not shown, and the rest as it is written", () => {
	expect(shownAddress("https://ana:word@models.example/v1?key=abc#x")).toBe("https://models.example/v1");
	expect(shownAddress("http://:word@localhost:11434")).toBe("http://localhost:11434/");
	for (const text of ["http://localhost:11434", "http://localhost:11434/", "$secret:ADDRESS", "", "no address"]) {
		expect(shownAddress(text)).toBe(text);
	}
});
