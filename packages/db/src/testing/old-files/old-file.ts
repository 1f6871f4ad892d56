import { Database } from "bun:sqlite";

/** A memory of an old file, as it has to be found after the upgrade. */
export interface OldMemory {
	/** After the upgrade: some programs numbered their memories. */
	readonly id: string;
	readonly content: string;
	/** As stored. */
	readonly tags: string | null;
	readonly createdAt: string;
	readonly isForgotten?: boolean;
}

/** A shape that a database of this name has had. */
export interface OldFile {
	readonly name: string;
	readonly memories: readonly OldMemory[];
	/** Tables and columns of other programs, with what has to stand in them afterwards. */
	readonly kept?: readonly { readonly query: string; readonly value: unknown }[];
	/** Whether its program let readers go on while it wrote, as every daemon has. */
	readonly hasLog?: boolean;
	/** Make it in an empty database. */
	readonly make: (db: Database) => void;
}

/** What every old file says, in the three forms in which programs wrote tags and times. */
export const TEXTS = [
	{
		content: "The garage door uses a rolling code",
		tags: "home,door",
		createdAt: "2025-06-01 08:00:00",
	},
	{
		content: "Deploys go out on Tuesdays, never on Fridays",
		tags: '["deploy","why:safety"]',
		createdAt: "2025-06-02T08:00:00.000Z",
	},
	{ content: "The lighthouse keeper prefers tea", tags: null, createdAt: "2025-06-03T10:00:00+02:00" },
] as const;

/** The texts under ids of the file's own. */
export function memoriesNamed(id: (n: number) => string): OldMemory[] {
	return TEXTS.map((text, at) => ({ id: id(at + 1), ...text }));
}

/** Write a file of that shape. */
export function writeOldFile(path: string, { make, hasLog = false }: OldFile): void {
	const db = new Database(path, { create: true });
	try {
		if (hasLog) db.run("PRAGMA journal_mode = WAL");
		db.transaction(() => make(db))();
	} finally {
		db.close();
	}
}

/** Run statements, each with the values of every text in turn. */
export function insertTexts(db: Database, statement: string, values: (n: number) => (string | number | null)[]): void {
	for (const at of TEXTS.keys()) db.run(statement, values(at));
}
