import sql from "sql-template-tag";
import type { Reader, Writer } from "../database.ts";
import { list } from "../sqlite/list.ts";

/** What is said of a memory as a turn of a conversation, beyond what `memories` has columns for. */
export interface Turn {
	/** Its place in its session: the smaller, the earlier. */
	readonly position: number | null;
	/** What the speaker is in the conversation, such as `user` or `assistant`. */
	readonly role: string | null;
}

/** Say it of a memory, in the write that stores it: where it stands is found out before the commit. */
export async function putTurn(writer: Writer, memoryId: string, { position, role }: Turn): Promise<void> {
	if (position === null && role === null) return;
	await writer.run(sql`
		INSERT INTO sgn_turns (memory_id, position, role) VALUES (${memoryId}, ${position}, ${role})
		ON CONFLICT (memory_id) DO UPDATE SET position = COALESCE(excluded.position, position),
			role = COALESCE(excluded.role, role)`);
}

/** What is said of memories as turns, by their ids; those of which nothing is said are left out. */
export async function turnsOf(reader: Reader, memoryIds: readonly string[]): Promise<Map<string, Turn>> {
	const rows = await reader.all<Turn & { id: string }>(sql`
		SELECT memory_id AS id, position, role FROM sgn_turns WHERE memory_id IN ${list(memoryIds)}`);
	return new Map(rows.map(({ id, ...turn }) => [id, turn]));
}
