import type { Timers } from "@signet/core";
import sql, { raw, type Sql } from "sql-template-tag";
import type { Database, Reader } from "../database.ts";
import { EmptyCopy } from "../sqlite/empty-copy.ts";
import { findActiveByHash, findAllForgottenByHash, findByIdempotencyKey } from "./memories.ts";
import { findRequest } from "./requests.ts";

/** Forgotten memories of one content that are looked at. */
const LOOKED_AT = 1_000;
/** Rows copied in one turn. */
const AT_A_TIME = 1_000;

/** A copy of what some rows would meet here, on which can be tried what would become of them. */
export class TrialCopy {
	/** What was copied already, and may be something else on the copy by now. */
	readonly #known = new Set<string>();

	private constructor(private readonly copy: EmptyCopy) {}

	/** What no row is to bring back, and the key under which that is known, come along at once. */
	static async of(database: Pick<Database, "read">, timers: Pick<Timers, "yield">): Promise<TrialCopy> {
		const copy = await database.read(async (reader) => {
			const empty = await EmptyCopy.of(reader);
			await empty.copy(reader, "sgn_state", sql`TRUE`);
			return empty;
		});
		for (const table of ["sgn_erased", "sgn_forgotten"]) {
			for (let copied = AT_A_TIME; copied === AT_A_TIME; ) {
				const last = sql`SELECT max(fingerprint) AS fingerprint FROM ${raw(table)}`;
				const { fingerprint = null } = (await copy.writer.get<{ fingerprint: string | null }>(last)) ?? {};
				const rest = sql`fingerprint > ${fingerprint ?? ""} ORDER BY fingerprint LIMIT ${AT_A_TIME}`;
				copied = await database.read((reader) => copy.copy(reader, table, rest));
				await timers.yield();
			}
		}
		return new TrialCopy(copy);
	}

	get writer(): EmptyCopy["writer"] {
		return this.copy.writer;
	}

	/** A memory with its history and whom it mentions. */
	async memory(reader: Reader, id: string): Promise<void> {
		if (!this.#isNew("memory", id)) return;
		if ((await this.copy.copy(reader, "memories", sql`id = ${id}`)) === 0) return;
		await this.copy.copy(reader, "sgn_memory_owners", sql`memory_id = ${id}`);
		await this.copy.copy(reader, "memory_history", sql`memory_id = ${id} ORDER BY rowid`);
		await this.copy.copy(reader, "memory_entity_mentions", sql`memory_id = ${id}`);
	}

	/** The memories that say something, forgotten or not. */
	async content(reader: Reader, hash: string): Promise<void> {
		if (!this.#isNew("content", hash)) return;
		const active = await findActiveByHash(reader, hash);
		const forgotten = await findAllForgottenByHash(reader, hash, LOOKED_AT);
		for (const { id } of active ? [active, ...forgotten] : forgotten) await this.memory(reader, id);
	}

	/** The memories of a source, of whatever place in it. */
	async source(reader: Reader, type: string, id: string): Promise<void> {
		if (!this.#isNew("source", JSON.stringify([type, id]))) return;
		const found = await reader.all<{ id: string }>(sql`
			SELECT id FROM memories WHERE source_type = ${type}
				AND (source_id = ${id} OR (source_id > ${`${id}#`} AND source_id < ${`${id}$`}))`);
		for (const memory of found) await this.memory(reader, memory.id);
	}

	/** What an idempotency key was used for. */
	async idempotencyKey(reader: Reader, key: string): Promise<void> {
		if (!this.#isNew("key", key)) return;
		await this.copy.copy(reader, "sgn_requests", sql`key = ${key}`);
		const request = await findRequest(reader, key);
		const memory = await findByIdempotencyKey(reader, key);
		if (request) await this.memory(reader, request.memoryId);
		if (memory) await this.memory(reader, memory.id);
	}

	event(reader: Reader, id: string): Promise<void> {
		return this.#row(reader, "memory_history", sql`id = ${id}`, id);
	}

	relation(reader: Reader, id: string): Promise<void> {
		return this.#row(reader, "relations", sql`id = ${id}`, id);
	}

	/** Entities by an id or a name. */
	entity(reader: Reader, idOrName: string): Promise<void> {
		return this.#row(reader, "entities", sql`id = ${idOrName} OR name = ${idOrName}`, idOrName);
	}

	close(): void {
		this.copy.close();
	}

	async #row(reader: Reader, table: string, condition: Sql, key: string): Promise<void> {
		if (this.#isNew(table, key)) await this.copy.copy(reader, table, condition);
	}

	#isNew(kind: string, key: string): boolean {
		const known = `${kind} ${key}`;
		if (this.#known.has(known)) return false;
		this.#known.add(known);
		return true;
	}
}
