import { ExitCode, type Timers } from "@signet/core";

/** Longer than everything that has a deadline of its own takes together. */
const LONGEST_MS = 25_000;

export interface EndingOptions {
	/** Finish and close everything. */
	readonly stop: () => Promise<void>;
	readonly exit: (code: ExitCode) => void;
	readonly timers: Pick<Timers, "sleep">;
	/** Told why the process ends without having closed everything. */
	readonly onForced: (reason: unknown) => void;
}

/** The end of the process: once, in order and in time, by whatever it is asked for. */
export class Ending {
	#isBegun = false;

	constructor(private readonly options: EndingOptions) {}

	get isBegun(): boolean {
		return this.#isBegun;
	}

	/** A person or a program asks for it. Whoever asks twice does not want to wait. */
	asked(): void {
		if (this.#isBegun) this.options.exit(ExitCode.failure);
		else this.begin(ExitCode.ok);
	}

	/** Stop, and exit with that code; what is under way already goes on as it is. */
	begin(code: ExitCode): void {
		if (this.#isBegun) return;
		this.#isBegun = true;
		const { stop, exit, timers, onForced } = this.options;
		// It also keeps the process alive until everything is closed.
		void timers.sleep(LONGEST_MS).then(() => {
			onForced(new Error(`not everything could be closed within ${LONGEST_MS / 1_000} s`));
			exit(ExitCode.failure);
		});
		stop().then(
			() => exit(code),
			(error: unknown) => {
				onForced(error);
				exit(ExitCode.failure);
			},
		);
	}
}
