import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "./running-daemon.ts";

const file = join(repository, "bench", "RESULTS.md");

/** Print a section, and with `--save` put it in the place of what `bench/RESULTS.md` has under that title. */
export function publish(title: string, body: string): void {
	const section = `## ${title}\n\n${body.trim()}\n`;
	console.log(`\n${section}`);
	if (!process.argv.includes("--save")) return;
	const text = existsSync(file) ? readFileSync(file, "utf8") : "# Results\n";
	const [head = "", ...sections] = text.split(/^(?=## )/m);
	const place = sections.findIndex((each) => each.startsWith(`## ${title}\n`));
	if (place >= 0) sections[place] = section;
	else sections.push(section);
	writeFileSync(file, `${[head, ...sections].map((part) => part.trim()).join("\n\n")}\n`);
}
