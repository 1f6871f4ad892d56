import type { Found } from "@signet/transfer/formats";
import type { Account } from "./account.ts";
import { importRowsAnswer } from "./answers.ts";
import type { DaemonClient } from "./client.ts";

type Row = Exclude<Found, { why: string }>;

/** Rows sent in one request. */
const BATCH = 200;
/** Characters sent in one request, about: a request has a limit. */
const BATCH_CHARS = 1_000_000;
/** Longer rows are refused here: the request that carries them would be. */
const MAX_ROW_CHARS = 1_500_000;
/** Rows that wait for others, at most; whatever else is held up stays as it is. */
const MAX_HELD_UP = 10_000;

export interface SenderOptions {
	/** Of the import. */
	readonly id: string;
	readonly isRevived: boolean;
}

/** Sends the rows of an import to the daemon, a batch at a time, and keeps the account of them. */
export class RowSender {
	#batch: Row[] = [];
	#chars = 0;
	#heldUp: Row[] = [];
	#underWay: Promise<void> = Promise.resolve();

	constructor(
		private readonly client: DaemonClient,
		private readonly account: Account,
		private readonly options: SenderOptions,
	) {}

	/** Resolves to whether something was sent. */
	async add(found: Found): Promise<boolean> {
		if ("why" in found) {
			this.account.add(kindOf(found), { outcome: "refused", why: found.why }, found.key);
			return false;
		}
		const { length } = JSON.stringify(found);
		if (length > MAX_ROW_CHARS) {
			const why = `it has more than ${MAX_ROW_CHARS} characters`;
			this.account.add(kindOf(found), { outcome: "refused", why }, found.key);
			return false;
		}
		this.#batch.push(found);
		this.#chars += length;
		const isFull = this.#batch.length === BATCH || this.#chars > BATCH_CHARS;
		if (isFull) await this.#flush();
		return isFull;
	}

	/** Send what is left, and again what was in the way of each other, as long as that gets any of it through. */
	async end(): Promise<void> {
		await this.#flush();
		await this.#underWay;
		for (let before = Number.POSITIVE_INFINITY; this.#heldUp.length > 0 && this.#heldUp.length < before; ) {
			before = this.#heldUp.length;
			for (const row of this.#heldUp.splice(0)) await this.add(row);
			await this.#flush();
			await this.#underWay;
		}
		for (const row of this.#heldUp) this.account.add(kindOf(row), { outcome: "merged" }, row.key);
	}

	/** While one batch is taken in, the next is read. */
	async #flush(): Promise<void> {
		await this.#underWay;
		const rows = this.#batch;
		if (rows.length === 0) return;
		this.#batch = [];
		this.#chars = 0;
		this.#underWay = this.#send(rows);
		// Its failure is met where it is waited for.
		this.#underWay.catch(() => undefined);
	}

	async #send(rows: readonly Row[]): Promise<void> {
		const { id, isRevived } = this.options;
		const body = { rows, ...(isRevived && { revive: true }) };
		const answer = await this.client.post(`/api/imports/${encodeURIComponent(id)}/rows`, body);
		const { results } = importRowsAnswer.parse(answer);
		for (const [at, row] of rows.entries()) {
			const result = results[at] ?? { outcome: "refused", why: "there was no answer for it" };
			if (result.isHeldUp && this.#heldUp.length < MAX_HELD_UP) this.#heldUp.push(row);
			else this.account.add(kindOf(row), result, row.key);
		}
	}
}

/** Texts become memories: in the account they are the same. */
function kindOf(found: Found): string {
	return "kind" in found && found.kind !== "text" ? found.kind : "memory";
}
