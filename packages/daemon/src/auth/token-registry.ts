import { existsSync, readFileSync } from "node:fs";
import { messageOf, RequestError, StartupError } from "@signet/core";
import * as z from "zod/mini";
import { writeDurably } from "../workspace/runtime-files.ts";
import { ROLES } from "./permissions.ts";

const recordSchema = () =>
	z.object({
		jti: z.string(),
		/** SHA-256 of the token, in hex: what is kept here lets nobody in. */
		hash: z.string(),
		sub: z.string(),
		role: z.enum(ROLES),
		scope: z.record(z.string(), z.string()),
		/** Times are ISO-8601 UTC. */
		issuedAt: z.string(),
		expiresAt: z.string(),
		issuedBy: z.string(),
		/** Which key has marked it (`nameOfKey`). */
		key: z.string(),
		revokedAt: z.nullable(z.string()),
	});

/** What is known of a token that was issued. */
export type TokenRecord = z.infer<ReturnType<typeof recordSchema>>;

const MAX_RECORDS = 10_000;

/** The tokens of a workspace, in a file of their own. Only one process may have it at a time: whoever has the workspace. */
export class TokenRegistry {
	readonly #records: Map<string, TokenRecord>;

	private constructor(
		private readonly file: string,
		records: readonly TokenRecord[],
	) {
		this.#records = new Map(records.map((record) => [record.jti, record]));
	}

	/** Throws a `StartupError` when the file cannot be read: as an empty one it would let in what was revoked. */
	static open(file: string): TokenRegistry {
		if (!existsSync(file)) return new TokenRegistry(file, []);
		try {
			const { tokens } = z
				.object({ version: z.literal(1), tokens: z.array(recordSchema()) })
				.parse(JSON.parse(readFileSync(file, "utf8")));
			return new TokenRegistry(file, tokens);
		} catch (error) {
			throw new StartupError(
				`${file}, the list of tokens, cannot be read: ${messageOf(error)}`,
				"Put the right file back, or remove this one: then the tokens that were listed in it do not hold any more.",
			);
		}
	}

	find(jti: string): TokenRecord | undefined {
		return this.#records.get(jti);
	}

	/** All of them, the latest first. */
	list(): TokenRecord[] {
		return [...this.#records.values()].reverse();
	}

	/** Write down a token; those that were over by `now` are dropped. Throws when there are too many. */
	add(record: TokenRecord, now: string): void {
		for (const { jti, expiresAt } of this.#records.values()) if (expiresAt <= now) this.#records.delete(jti);
		if (this.#records.size >= MAX_RECORDS) {
			throw new RequestError(409, "too_many_tokens", `there are ${MAX_RECORDS} tokens already; let some expire`);
		}
		this.#records.set(record.jti, record);
		this.#write();
	}

	/** Say that a token is not to hold any more; false when there is none, or it was said before. */
	revoke(jti: string, at: string): boolean {
		const record = this.#records.get(jti);
		if (!record || record.revokedAt !== null) return false;
		this.#records.set(jti, { ...record, revokedAt: at });
		this.#write();
		return true;
	}

	#write(): void {
		const tokens = [...this.#records.values()];
		writeDurably(this.file, `${JSON.stringify({ version: 1, tokens }, null, "\t")}\n`);
	}
}
