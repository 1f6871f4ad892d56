import { messageOf } from "@signet/core";
import { ForeignFile } from "@signet/db";
import { type Found, firstOf, type JsonObject, type Source, tagsOf, textOf, textRow, timeOf } from "./found.ts";

const SOURCE = "claude-mem";

/** What claude-mem calls a kind of observation, by what it is here. */
const TYPES: Readonly<Record<string, string>> = { decision: "decision", bugfix: "learning", discovery: "learning" };

/**
 * The database of claude-mem: its observations, and the summaries of its sessions. It is only read. They are no turns, but
 * told about a session from outside of it: none has a role.
 */
export function claudeMem(path: string): Source {
	return {
		format: "claude-mem",
		progress: { done: 0, total: 0 },
		async *read() {
			using file = opened(path);
			const tables = new Set(file.tables());
			if (tables.has("memories") && tables.has("memory_history")) {
				throw new Error(
					`${path} is a database of Signet: export it with the daemon of its workspace, and import what comes out`,
				);
			}
			if (!tables.has("observations") && !tables.has("session_summaries")) {
				throw new Error(`${path} is no database of claude-mem: it has neither observations nor session_summaries`);
			}
			if (tables.has("observations")) for (const found of file.rows("observations")) yield observationOf(found);
			if (tables.has("session_summaries")) for (const found of file.rows("session_summaries")) yield summaryOf(found);
		},
	};
}

function opened(path: string): ForeignFile {
	try {
		return new ForeignFile(path);
	} catch (error) {
		throw new Error(`${path} is no database that can be read: ${messageOf(error)}`);
	}
}

interface NumberedRow {
	readonly number: number;
	readonly row: JsonObject;
}

function observationOf({ number, row }: NumberedRow): Found {
	const told = [textOf(row.title), textOf(row.subtitle), textOf(row.narrative) ?? textOf(row.text)];
	const facts = listOf(row.facts);
	const type = textOf(row.type) ?? "";
	return textRow(`observation ${number}`, {
		...originOf(row, `observation:${number}`),
		content: sentences([...told, ...facts]),
		type: TYPES[type],
		tags: tagsOf([type, ...listOf(row.concepts)]),
	});
}

const SUMMARY_PARTS = ["request", "investigated", "learned", "completed", "next_steps", "notes"];

function summaryOf({ number, row }: NumberedRow): Found {
	return textRow(`summary ${number}`, {
		...originOf(row, `summary:${number}`),
		content: sentences(
			SUMMARY_PARTS.map((part) => {
				const text = textOf(row[part]);
				return text && `${part.replace("_", " ")}: ${text}`;
			}),
		),
		type: "session_summary",
		tags: "session,summary",
	});
}

function originOf(row: JsonObject, sourceId: string) {
	const createdAt = timeOf(firstOf(row, "created_at", "created_at_epoch"));
	return {
		who: SOURCE,
		project: textOf(row.project),
		sessionId: textOf(firstOf(row, "sdk_session_id", "memory_session_id", "content_session_id")),
		sourceType: SOURCE,
		sourceId,
		createdAt,
		// Several rows are of one prompt: their times tell the order better, as far as there are any.
		position: createdAt === undefined && typeof row.prompt_number === "number" ? row.prompt_number : undefined,
	};
}

/** A list that stands in a text column as JSON. */
function listOf(value: unknown): string[] {
	const text = textOf(value);
	if (text === undefined) return [];
	try {
		const list: unknown = JSON.parse(text);
		return Array.isArray(list) ? list.filter((item) => typeof item === "string") : [];
	} catch {
		return [text];
	}
}

function sentences(parts: readonly (string | undefined)[]): string {
	return parts
		.flatMap((part) => (part ? [part.trim()] : []))
		.map((part) => (/[.!?:;]$/.test(part) ? part : `${part}.`))
		.join(" ");
}
