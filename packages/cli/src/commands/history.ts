import { ExitCode } from "@signet/core";
import { historyAnswer, memoryAnswer } from "../answers.ts";
import { connect, RefusedError } from "../client.ts";
import type { CommonOptions } from "../environment.ts";
import { findMemory, queryString } from "../find-memory.ts";
import { cut, printable, style, terminalWidth } from "../terminal.ts";

export interface HistoryOptions extends CommonOptions {
	readonly limit: number;
}

type Event = ReturnType<typeof historyAnswer.parse>["history"][number];

/** `signet history ID`: what happened to a memory, the newest last. */
export async function history(id: string, options: HistoryOptions): Promise<ExitCode> {
	const client = connect(options);
	const eventsOf = (whole: string) => {
		const query = queryString({ limit: options.limit, order: "desc" });
		return client.get(`/api/memory/${encodeURIComponent(whole)}/history?${query}`);
	};
	const raw = await findMemory(client, id, { isForgottenToo: true }).then(
		(memory) => eventsOf(memoryAnswer.parse(memory).id),
		// Of what was erased there is only history, under its whole id.
		(unknown: unknown) =>
			eventsOf(id).catch((error: unknown) => {
				throw error instanceof RefusedError && error.status === 404 ? unknown : error;
			}),
	);
	if (options.json) {
		console.log(JSON.stringify(raw, null, 2));
		return ExitCode.ok;
	}
	const { history: events, nextCursor } = historyAnswer.parse(raw);
	if (nextCursor) console.log(style.dim("… older events are left out; --limit shows more\n"));
	console.log(events.toReversed().map(linesOf).join("\n\n"));
	return ExitCode.ok;
}

function linesOf({ event, changedBy, reason, createdAt, version, changes }: Event): string {
	const when = createdAt.slice(0, 19).replace("T", " ");
	const head = `${style.accent(`${version === undefined ? "" : `version ${version}  `}`)}${style.dim(when)}  ${style.bold(event)} by ${printable(changedBy)}`;
	const why = reason ? [`  ${style.dim(printable(reason))}`] : [];
	return [head, ...why, ...Object.entries(changes ?? {}).flatMap(([field, change]) => fieldLines(field, change))].join(
		"\n",
	);
}

function fieldLines(field: string, { before, after }: { before: unknown; after: unknown }): string[] {
	const width = Math.max(20, terminalWidth() - field.length - 6);
	const show = (value: unknown) => cut(typeof value === "string" ? value : JSON.stringify(value ?? null), width);
	const isSaid = (value: unknown) => value !== null && value !== undefined;
	return [
		...(isSaid(before) ? [`  ${field} ${style.error(`- ${show(before)}`)}`] : []),
		...(isSaid(after) ? [`  ${field} ${style.good(`+ ${show(after)}`)}`] : []),
	];
}
