import { style } from "./terminal.ts";

const WIDTH = 24;
const EVERY_MS = 100;

/** A line on standard error that shows how far something has come, where somebody looks at it. */
export class ProgressBar {
	/** Undefined as long as nothing was shown. */
	#shownAtMs: number | undefined;
	readonly #isShown: boolean;

	constructor(
		private readonly what: string,
		{ isQuiet = false }: { isQuiet?: boolean } = {},
	) {
		this.#isShown = !isQuiet && process.stderr.isTTY === true;
	}

	/** `share` from 0 to 1, when it is known. */
	show(text: string, share: number | undefined, nowMs: number): void {
		if (!this.#isShown || (this.#shownAtMs !== undefined && nowMs - this.#shownAtMs < EVERY_MS)) return;
		this.#shownAtMs = nowMs;
		const filled = share === undefined ? 0 : Math.round(Math.min(1, share) * WIDTH);
		const bar = share === undefined ? "" : `${style.accent("█".repeat(filled))}${"░".repeat(WIDTH - filled)} `;
		process.stderr.write(`\r\u001b[K${this.what} ${bar}${text}`);
	}

	/** Leave no trace. */
	end(): void {
		if (this.#shownAtMs !== undefined) process.stderr.write("\r\u001b[K");
	}
}
