/** What `signet doctor` has to say of one thing. */
export interface Finding {
	readonly check: string;
	readonly status: "ok" | "warn" | "fail";
	readonly message: string;
	/** What to do about it. */
	readonly advice?: string;
	/** Does it, for `--fix`. Throws when it cannot. */
	readonly mend?: () => void;
}
