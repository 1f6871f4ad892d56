import { readFileSync, type Stats, statSync } from "node:fs";
import { type Clock, messageOf, parseSettings, type Settings } from "@signet/core";

interface FileState {
	readonly path: string;
	readonly modifiedMs: number;
	readonly stamp: string;
}

/**
 * File systems stamp a change with the time of their last tick, some only every two seconds: a file younger than this
 * may change again without a new stamp.
 */
const STAMP_TICK_MS = 2_000;

/** The settings of a workspace, read again whenever the file has changed. */
export class ConfigFile {
	#seen: FileState | undefined;
	#lookedAtMs = Number.NEGATIVE_INFINITY;
	#text: string | undefined;
	#settings: Settings | undefined;

	constructor(
		/** The first that can be read is the configuration. */
		private readonly candidates: readonly string[],
		private readonly clock: Clock,
		private readonly env: Readonly<Record<string, string | undefined>>,
		/** Told what in a file is not used as it stands, each time one is read. */
		private readonly onWarnings: (warnings: readonly string[]) => void,
	) {}

	/** The settings, give or take a millisecond; the same object until the file changes. */
	get settings(): Settings {
		return this.#settings && this.clock.now() === this.#lookedAtMs ? this.#settings : this.refresh();
	}

	/** The settings as the file has them now; the same object until it changes. */
	refresh(): Settings {
		const state = this.#look();
		const wasYoung = this.#seen && this.#lookedAtMs - this.#seen.modifiedMs < STAMP_TICK_MS;
		this.#lookedAtMs = this.clock.now();
		const isSame = state.path === this.#seen?.path && state.stamp === this.#seen.stamp;
		this.#seen = state;
		if (this.#settings && isSame && !wasYoung) return this.#settings;
		return this.#read(state.path);
	}

	#look(): FileState {
		for (const path of this.candidates) {
			const stats = statOf(path);
			if (!stats?.isFile()) continue;
			const { mtimeMs, size, ino } = stats;
			return { path, modifiedMs: mtimeMs, stamp: `${mtimeMs}/${size}/${ino}` };
		}
		return { path: "", modifiedMs: 0, stamp: "" };
	}

	#read(path: string): Settings {
		let settings: Settings;
		try {
			const text = path === "" ? "" : readFileSync(path, "utf8");
			if (this.#settings && text === this.#text) return this.#settings;
			this.#text = text;
			settings = parseSettings(text, this.env);
		} catch (error) {
			const warning = `${path} cannot be read (${messageOf(error)}); the last settings stay`;
			if (this.#settings?.warnings.includes(warning)) return this.#settings;
			this.#text = undefined;
			settings = { ...(this.#settings ?? parseSettings("", this.env)), warnings: [warning] };
		}
		this.#settings = settings;
		if (settings.warnings.length > 0) this.onWarnings(settings.warnings);
		return settings;
	}
}

/** Undefined for what is not there or cannot be looked at. */
function statOf(path: string): Stats | undefined {
	try {
		return statSync(path, { throwIfNoEntry: false });
	} catch {
		return undefined;
	}
}
