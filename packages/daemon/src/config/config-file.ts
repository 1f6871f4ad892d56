import { basename } from "node:path";
import { type Clock, messageOf, parseSettings, type Settings } from "@signet/core";
import { RefusedFile, readRegularFile } from "@signet/core/files";
import { findConfigFile } from "./config-candidates.ts";
import { MAX_CONFIG_BYTES } from "./edit-config-file.ts";

interface FileState {
	/** Empty where there is no file. */
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
	/** The last that were read, and whether from YAML; those above are these, or are told to be kept. */
	#read: { readonly settings: Settings; readonly isFromYaml: boolean } | undefined;
	#isInForce = true;

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

	/** The file that was looked at last, and whether the settings are what it says. */
	get source(): { readonly file: string | undefined; readonly isInForce: boolean } {
		return { file: this.#seen?.path || undefined, isInForce: this.#isInForce };
	}

	/** The settings as the file has them now; the same object until it changes. */
	refresh(): Settings {
		const state = this.#look();
		const wasYoung = this.#seen && this.#lookedAtMs - this.#seen.modifiedMs < STAMP_TICK_MS;
		this.#lookedAtMs = this.clock.now();
		const isSame = state.path === this.#seen?.path && state.stamp === this.#seen.stamp;
		this.#seen = state;
		if (this.#settings && isSame && !wasYoung) return this.#settings;
		return this.#readAgain(state);
	}

	/** Read the file whether or not it seems to have changed. */
	reload(): Settings {
		this.#text = undefined;
		const state = this.#look();
		this.#lookedAtMs = this.clock.now();
		this.#seen = state;
		return this.#readAgain(state);
	}

	#look(): FileState {
		const found = findConfigFile(this.candidates);
		if (!found) return { path: "", modifiedMs: 0, stamp: "" };
		const { mtimeMs, size, ino } = found.stats;
		return { path: found.path, modifiedMs: mtimeMs, stamp: `${mtimeMs}/${size}/${ino}` };
	}

	#readAgain(state: FileState): Settings {
		try {
			const text = state.path === "" ? "" : readRegularFile(state.path, { maxBytes: MAX_CONFIG_BYTES }).toString();
			if (this.#settings && (text === this.#text || this.#isBeingWritten(text, state))) return this.#settings;
			this.#text = text;
			return this.#use(parseSettings(text, this.env, basename(state.path)), state.path);
		} catch (error) {
			this.#text = undefined;
			const why =
				error instanceof RefusedFile ? messageOf(error) : `${state.path} cannot be read (${messageOf(error)})`;
			return this.#keep(why);
		}
	}

	/** Some editors empty a file before they write it. */
	#isBeingWritten(text: string, { modifiedMs }: FileState): boolean {
		return text === "" && Boolean(this.#text) && this.#lookedAtMs - modifiedMs < STAMP_TICK_MS;
	}

	/** What a text that is no YAML says holds only where there is nothing better: older programs wrote such files. */
	#use(settings: Settings, path: string): Settings {
		const { notYaml } = settings;
		if (notYaml && this.#read?.isFromYaml) {
			const place = notYaml.place ? `:${notYaml.place.line}:${notYaml.place.column}` : "";
			return this.#keep(`${basename(path)}${place}: ${notYaml.text}`);
		}
		this.#read = { settings, isFromYaml: path !== "" && !notYaml };
		this.#isInForce = true;
		return this.#hold(settings);
	}

	#keep(why: string): Settings {
		this.#isInForce = false;
		const warning = `${why}; the settings from before stay in force`;
		if (this.#settings?.warnings.includes(warning)) return this.#settings;
		const settings = this.#read?.settings ?? parseSettings("", this.env);
		return this.#hold({ ...settings, warnings: [warning, ...settings.warnings] });
	}

	#hold(settings: Settings): Settings {
		this.#settings = settings;
		if (settings.warnings.length > 0) this.onWarnings(settings.warnings);
		return settings;
	}
}
