import { ExitCode } from "@signet/core";
import { listAnswer, memoryAnswer } from "../answers.ts";
import { connect, type DaemonClient, RefusedError } from "../client.ts";
import { type CommonOptions, typed } from "../environment.ts";
import { CommandError } from "../failure.ts";
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
}

const SHORT_ID = 8;

/** `signet list`: the newest memories. */
export async function list(options: ListOptions): Promise<ExitCode> {
	const { limit, offset, type, tags, who, project, since, until, pinned } = options;
	const raw = await connect(options).get(
		`/api/memories?${queryString({ limit, offset, type, tags, who, project, since, until, pinned })}`,
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
	console.log(
		style.dim(`${rows.length > 0 ? "\n" : ""}${rows.length} shown of ${plural(stats.total, "memory", "memories")}`),
	);
	return ExitCode.ok;
}

/** `signet show ID`: one memory; the beginning of an id is enough. */
export async function show(id: string, options: CommonOptions): Promise<ExitCode> {
	const raw = await find(connect(options), id);
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

async function find(client: DaemonClient, id: string): Promise<unknown> {
	try {
		return await client.get(`/api/memory/${encodeURIComponent(id)}`);
	} catch (error) {
		if (!(error instanceof RefusedError && error.status === 404)) throw error;
	}
	const { memories } = listAnswer.parse(await client.get(`/api/memories?${queryString({ id_prefix: id, limit: 2 })}`));
	const [only, another] = memories;
	if (!only)
		throw new CommandError(`There is no memory ${id}`, ExitCode.notFound, `\`${typed("list")}\` shows what there is.`);
	if (another) throw new CommandError(`More than one memory begins with ${id}`, ExitCode.usage, "Give more of its id.");
	return client.get(`/api/memory/${encodeURIComponent(only.id)}`);
}

function queryString(values: Readonly<Record<string, string | number | boolean | undefined>>): string {
	const parameters = new URLSearchParams();
	for (const [name, value] of Object.entries(values)) if (value !== undefined) parameters.set(name, String(value));
	return parameters.toString();
}
