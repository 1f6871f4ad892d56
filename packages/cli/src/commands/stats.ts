import { ExitCode } from "@signet/core";
import type * as z from "zod/mini";
import { statsAnswer } from "../answers.ts";
import { connect } from "../client.ts";
import type { CommonOptions } from "../environment.ts";
import { facts, printable, table } from "../terminal.ts";

/** `signet stats`: what there is, and how much room it takes. */
export async function stats(options: CommonOptions): Promise<ExitCode> {
	const raw = await connect(options).get("/api/memories/stats");
	if (options.json) {
		console.log(JSON.stringify(raw, null, 2));
		return ExitCode.ok;
	}
	const answer = statsAnswer.parse(raw);
	const { total, withEmbeddings, critical, pinned, deleted, byType, oldest, newest, jobs, bytes } = answer;
	const count = (number: number) => number.toLocaleString("en");
	const waiting = jobs.filter(({ status }) => status !== "completed");
	console.log(
		facts([
			["memories", count(total)],
			["with vectors", count(withEmbeddings)],
			["critical", count(critical)],
			["pinned", count(pinned)],
			["forgotten", count(deleted)],
			["oldest", oldest ?? "none"],
			["newest", newest ?? "none"],
			["jobs", waiting.map(({ type, status, count }) => `${count} ${type} ${status}`).join(", ") || "none waiting"],
			...(bytes ? roomLines(bytes) : []),
		]),
	);
	const types = Object.entries(byType).sort(([, a], [, b]) => b - a);
	if (types.length > 0) {
		const columns = [{ title: "type" }, { title: "memories", isNumber: true }];
		console.log(
			`\n${table(
				columns,
				types.map(([type, number]) => [printable(type), count(number)]),
			)}`,
		);
	}
	return ExitCode.ok;
}

function roomLines({ database, log, backups }: NonNullable<z.infer<typeof statsAnswer>["bytes"]>) {
	return [
		["database", size(database + log)],
		["backups", size(backups)],
	] as const;
}

const UNITS = ["bytes", "kB", "MB", "GB"];

function size(bytes: number): string {
	const power = Math.min(UNITS.length - 1, bytes > 0 ? Math.floor(Math.log10(bytes) / 3) : 0);
	return `${(bytes / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${UNITS[power]}`;
}
