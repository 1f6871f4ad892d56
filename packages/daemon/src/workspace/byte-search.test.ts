import { expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { realWorld } from "@signet/core/world";
import { LockedFiles, searchBytes } from "./byte-search.ts";

const MEBIBYTE = 1024 * 1024;

test("a text is found wherever it stands, in either case, also across what is read in one go", async () => {
	const folder = mkdtempSync(join(tmpdir(), "signet-bytes-"));
	try {
		mkdirSync(join(folder, "deep", "er"), { recursive: true });
		const seam = Buffer.alloc(2 * MEBIBYTE, ".");
		seam.write("Grüße aus KÖLN", MEBIBYTE - 7);
		writeFileSync(join(folder, "deep", "er", "seam"), seam);
		writeFileSync(join(folder, "binary"), Buffer.from([0, 255, ...Buffer.from("grüße aus kÖln"), 0]));
		writeFileSync(join(folder, "other"), "Nothing of that");
		writeFileSync(join(folder, "note"), "# A  heading\r\n\r\nGrüße\taus\n\n   kÖln");
		const search = await searchBytes(folder, ["grüße aus kÖln", "nowhere"], {
			timers: realWorld.timers,
			locked: new LockedFiles([]),
		});
		expect(search).toMatchObject({ files: 4, unread: [] });
		expect(search.bytes).toBe(2 * MEBIBYTE + 20 + 15 + 37);
		expect(search.found.toSorted((a, b) => a.offset - b.offset)).toEqual([
			{ file: "binary", offset: 2 },
			{ file: "note", offset: 16 },
			{ file: join("deep", "er", "seam"), offset: MEBIBYTE - 7 },
		]);
	} finally {
		rmSync(folder, { recursive: true });
	}
});
