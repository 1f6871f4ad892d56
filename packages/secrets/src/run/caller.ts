/** Who wants to use a secret. */
export interface Caller {
	/** By its token, or by its own account. */
	readonly name: string;
	/** What it is to the daemon, such as `admin` or `agent`; without tokens what it says it is, such as `harness`. */
	readonly role: string;
	/** Whether that was proved. */
	readonly isVerified: boolean;
}
