/**
 * `npm run bench:quality [-- locomo|beam] [--save]`: how well recall finds the message that answers a question. The data sets lie
 * beside the repository (`SIGNET_BENCH_DATA`, default `../shared/data`); their licences allow measuring, not shipping.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { machineLine } from "../machine.ts";
import { publish } from "../results.ts";
import { executable, repository } from "../running-daemon.ts";
import { readBeam } from "./beam.ts";
import type { Conversation } from "./conversation.ts";
import { digestOf } from "./digest.ts";
import { ANSWERABLE, readLocomo } from "./locomo.ts";
import { report } from "./report.ts";
import { type AllJudged, judge, POOLED, VARIANTS } from "./run.ts";

const dataFolder = process.env.SIGNET_BENCH_DATA ?? join(repository, "..", "shared", "data");
const program = existsSync(executable)
	? [executable]
	: [process.execPath, join(repository, "packages", "cli", "src", "main.ts")];

const dataSets = {
	locomo: { title: "Recall quality, LoCoMo", read: readLocomo, together: ANSWERABLE },
	beam: { title: "Recall quality, BEAM", read: readBeam, together: undefined },
};

const chosen = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
for (const [name, { title, read, together }] of Object.entries(dataSets)) {
	if (chosen.length > 0 && !chosen.includes(name)) continue;
	const folder = join(dataFolder, name);
	const conversations = read(folder);
	if (!conversations) {
		console.log(`${title}: skipped, ${folder} is not there`);
		continue;
	}
	const startedAt = performance.now();
	const judged = await judgeEach(conversations);
	const pooled = await judge(program, { conversations, variants: POOLED });
	const seconds = (performance.now() - startedAt) / 1000;
	const digest = digestOf(conversations);
	publish(title, `${machineLine()}\n\n${report({ conversations, judged, pooled, together, seconds, digest })}`);
}

/** Each conversation in a home of its own, which is also asked the questions of the next one. */
async function judgeEach(conversations: readonly Conversation[]): Promise<AllJudged> {
	const all: AllJudged = new Map();
	for (const [at, conversation] of conversations.entries()) {
		const others = conversations[(at + 1) % conversations.length]?.questions ?? [];
		for (const [variant, judged] of await judge(program, {
			conversations: [conversation],
			others,
			variants: VARIANTS,
		})) {
			all.set(variant, [...(all.get(variant) ?? []), ...judged]);
		}
	}
	return all;
}
