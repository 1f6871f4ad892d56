import sql from "sql-template-tag";
import type { Reader, Writer } from "../database.ts";

/** Small facts about the workspace's derived data, such as the version of what made it. */
export async function readState(reader: Reader, key: string): Promise<string | undefined> {
	return (await reader.get<{ value: string }>(sql`SELECT value FROM sgn_state WHERE key = ${key}`))?.value;
}

export async function writeState(writer: Writer, key: string, value: string): Promise<void> {
	await writer.run(
		sql`INSERT INTO sgn_state (key, value) VALUES (${key}, ${value}) ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
	);
}
