import { plural, printable, style } from "./terminal.ts";

/** What became of one row. */
export interface RowOutcome {
	readonly outcome: string;
	readonly why?: string | undefined;
	/** Merged, and what is there has got tags or a project of it. */
	readonly isJoined?: boolean | undefined;
}

interface Counts {
	read: number;
	kept: number;
	merged: number;
	refused: number;
}

/** Reasons are counted; of the rows that they hold for, the first are named. */
const NAMED = 5;
const MAX_REASONS = 100;

/** The account of an import: every row that was read was kept, merged or refused. */
export class Account {
	readonly #byKind = new Map<string, Counts>();
	/** Of the rows that were merged, those that have added something. */
	#joined = 0;
	readonly #refusals = new Map<string, { count: number; readonly rows: string[] }>();

	/** Rows read so far, of all kinds. */
	get read(): number {
		return this.#sum("read");
	}

	/** Whether there were memories and every one of them was refused; or, where there were none, everything else. */
	get isRefused(): boolean {
		const { read, refused } = this.#byKind.get("memory") ?? { read: this.read, refused: this.#sum("refused") };
		return read > 0 && refused === read;
	}

	/** That it was refused as a whole, in a sentence; with `isTried`, that it would be. */
	refusal(isTried: boolean): string {
		const memories = this.#byKind.get("memory");
		const read = memories?.read ?? this.read;
		const [was, were] = isTried ? ["would be", "would be"] : ["was", "were"];
		const rows = read === 1 ? `the only row ${was}` : `all ${plural(read, "row", "rows")} ${were}`;
		return `${memories ? "No memory" : "Nothing"} ${was} taken: ${rows} refused`;
	}

	#sum(count: keyof Counts): number {
		return [...this.#byKind.values()].reduce((sum, counts) => sum + counts[count], 0);
	}

	add(kind: string, { outcome, why = "it is not valid", isJoined = false }: RowOutcome, key: string): void {
		const counts = this.#byKind.get(kind) ?? { read: 0, kept: 0, merged: 0, refused: 0 };
		this.#byKind.set(kind, counts);
		counts.read++;
		if (outcome === "kept") counts.kept++;
		else if (outcome === "merged") {
			counts.merged++;
			if (isJoined) this.#joined++;
		} else {
			counts.refused++;
			this.#refuse(why, key);
		}
	}

	#refuse(why: string, key: string): void {
		const reason = this.#refusals.has(why) || this.#refusals.size < MAX_REASONS ? why : "other reasons";
		const refusal = this.#refusals.get(reason) ?? { count: 0, rows: [] };
		this.#refusals.set(reason, refusal);
		refusal.count++;
		if (refusal.rows.length < NAMED) refusal.rows.push(key);
	}

	toJSON(): object {
		return {
			...(this.#byKind.get("memory") ?? { read: 0, kept: 0, merged: 0, refused: 0 }),
			joined: this.#joined,
			others: Object.fromEntries([...this.#byKind].filter(([kind]) => kind !== "memory")),
			refusals: [...this.#refusals].map(([why, { count, rows }]) => ({ why, count, rows })),
		};
	}

	#mark(): string {
		if (this.isRefused) return style.error("✗");
		return this.#sum("refused") > 0 || this.read === 0 ? style.warn("!") : style.good("✓");
	}

	toText(): string {
		const line = ({ read, kept, merged, refused }: Counts) =>
			`read ${read} = kept ${kept} + merged ${merged} + refused ${refused}`;
		const memories = this.#byKind.get("memory") ?? { read: 0, kept: 0, merged: 0, refused: 0 };
		const others = [...this.#byKind].filter(([kind]) => kind !== "memory");
		const refused = this.#sum("refused");
		return [
			`${this.#mark()} ${line(memories)}`,
			...(refused > 0 && !this.isRefused
				? [`  ${style.warn(`${refused} of ${plural(this.read, "row", "rows")} refused`)}, the others taken`]
				: []),
			...(this.#joined > 0
				? [
						style.dim(
							`  ${plural(this.#joined, "merged row", "merged rows")} added tags or a project to what was known`,
						),
					]
				: []),
			...others.map(([kind, counts]) => style.dim(`  ${kind}: ${line(counts)}`)),
			...[...this.#refusals].map(([why, { count, rows }]) => {
				const where = `${rows.join(", ")}${count > rows.length ? ", …" : ""}`;
				return `  ${style.warn(plural(count, "row", "rows"))} ${printable(why)} ${style.dim(`(${printable(where)})`)}`;
			}),
		].join("\n");
	}
}
