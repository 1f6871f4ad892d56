import { ExitCode } from "@signet/core";
import { listAnswer, memoryAnswer } from "../answers.ts";
import { connect } from "../client.ts";
import type { CommonOptions } from "../environment.ts";
import { findMemory, queryString, SHORT_ID } from "../find-memory.ts";
import { facts, plural, printable, style, table, terminalWidth, wrap } from "../terminal.ts";

export interface ListOptions extends CommonOptions {
	readonly limit: number;
	readonly offset?: number;
	readonly type?: string;
	readonly tags?: string;
	readonly who?: string;
	readonly project?: string;
	readonly since?: string;
	readonly until?: string;
	readonly pinned?: boolean;
	readonly forgotten?: boolean;
}

/** `signet list`: the newest memories. */
export async function list(options: ListOptions): Promise<ExitCode> {
	const { limit, offset, type, tags, who, project, since, until, pinned, forgotten } = options;
	const deleted = forgotten ? "only" : undefined;
	const isFiltered = [type, tags, who, project, since, until, pinned, forgotten].some((value) => value !== undefined);
	const raw = await connect(options).get(
		`/api/memories?${queryString({ limit, offset, type, tags, who, project, since, until, pinned, deleted })}`,
	);
	const { memories, stats } = listAnswer.parse(raw);
	if (options.json) {
		console.log(JSON.stringify(raw, null, 2));
		return ExitCode.ok;
	}
	const rows = memories.map((memory) => [
		memory.id.slice(0, SHORT_ID),
		memory.created_at.slice(0, 16).replace("T", " "),
		memory.type,
		memory.who ?? "",
		`${memory.importance}`,
		`${memory.pinned ? "★ " : ""}${memory.content}`,
	]);
	if (rows.length > 0)
		console.log(
			table(
				[
					{ title: "id" },
					{ title: "when (UTC)" },
					{ title: "type" },
					{ title: "who" },
					{ title: "imp", isNumber: true },
					{ title: "memory", isFlexible: true },
				],
				rows,
			),
		);
	const all = plural(stats.total, "memory", "memories");
	console.log(
		style.dim(`${rows.length > 0 ? "\n" : ""}${rows.length} shown${isFiltered ? "; there are" : " of"} ${all}`),
	);
	return ExitCode.ok;
}

/** `signet show ID`: one memory; the beginning of an id is enough. */
export async function show(id: string, options: CommonOptions): Promise<ExitCode> {
	const raw = await findMemory(connect(options), id);
	if (options.json) {
		console.log(JSON.stringify(raw, null, 2));
		return ExitCode.ok;
	}
	const memory = memoryAnswer.parse(raw);
	const pairs: [string, string][] = [
		["id", memory.id],
		["type", `${memory.type}${memory.pinned ? style.warn(" ★ pinned") : ""}`],
		["importance", `${memory.importance}`],
		["tags", printable(memory.tags ?? "")],
		["who", printable(memory.who ?? "")],
		["project", printable(memory.project ?? "")],
		["source", printable([memory.source_type, memory.source_id].filter(Boolean).join(" "))],
		["created", memory.created_at],
		["changed", memory.version > 1 ? `${memory.updated_at} by ${memory.updated_by} (version ${memory.version})` : ""],
		["recalled", memory.access_count > 0 ? `${memory.access_count} ×, last ${memory.last_accessed}` : "never"],
	];
	console.log(`${wrap(memory.content, Math.min(100, terminalWidth()), "")}\n`);
	console.log(facts(pairs.filter(([, value]) => value !== "")));
	return ExitCode.ok;
}
