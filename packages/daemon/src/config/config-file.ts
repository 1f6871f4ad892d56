import { readFileSync, statSync } from "node:fs";
import { type Clock, messageOf, parseSettings, type Settings } from "@signet/core";

interface FileState {
	readonly path: string;
	readonly stamp: string;
}

/** The settings of a workspace, read again whenever the file has changed. */
export class ConfigFile {
	#seen: FileState | undefined;
	#lookedAtMs: number | undefined;
	#settings: Settings | undefined;

	constructor(
		/** The first that can be read is the configuration. */
		private readonly candidates: readonly string[],
		private readonly clock: Clock,
		private readonly env: Readonly<Record<string, string | undefined>>,
		/** Told what in a file is not used as it stands, each time one is read. */
		private readonly onWarnings: (warnings: readonly string[]) => void,
	) {}

	/** The settings now, give or take a millisecond; the same object until the file changes. */
	get settings(): Settings {
		const now = this.clock.now();
		if (this.#settings && now === this.#lookedAtMs) return this.#settings;
		this.#lookedAtMs = now;
		const state = this.#look();
		if (this.#settings && state.path === this.#seen?.path && state.stamp === this.#seen.stamp) return this.#settings;
		this.#seen = state;
		this.#settings = this.#read(state.path);
		if (this.#settings.warnings.length > 0) this.onWarnings(this.#settings.warnings);
		return this.#settings;
	}

	#look(): FileState {
		for (const path of this.candidates) {
			const stats = statSync(path, { throwIfNoEntry: false });
			if (stats?.isFile()) return { path, stamp: `${stats.mtimeMs}/${stats.size}/${stats.ino}` };
		}
		return { path: "", stamp: "" };
	}

	#read(path: string): Settings {
		if (path === "") return parseSettings("", this.env);
		try {
			return parseSettings(readFileSync(path, "utf8"), this.env);
		} catch (error) {
			const fallback = this.#settings ?? parseSettings("", this.env);
			return { ...fallback, warnings: [`${path} cannot be read (${messageOf(error)}); the last settings stay`] };
		}
	}
}
