import { expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { contractFolder, repository } from "./program.ts";

/** Where the recordings are made; beside the repository, and not everywhere. */
const origin = join(repository, "..", "shared", "contract");
const COPIED = ["golden", "replay", "fixtures"];

test.if(existsSync(origin))("our copies of the recordings are those that are made now", () => {
	for (const folder of COPIED) {
		const [theirs, ours] = [filesUnder(join(origin, folder)), filesUnder(join(contractFolder, folder))];
		expect([folder, ours.sort()]).toEqual([folder, theirs.sort()]);
		for (const file of theirs) {
			const isSame = readFileSync(join(origin, folder, file)).equals(readFileSync(join(contractFolder, folder, file)));
			expect([`${folder}/${file}`, isSame ? "same" : "copy it anew"]).toEqual([`${folder}/${file}`, "same"]);
		}
	}
});

function filesUnder(folder: string): string[] {
	return readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
		statSync(join(folder, name)).isFile(),
	);
}
