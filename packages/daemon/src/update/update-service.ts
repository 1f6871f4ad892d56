import { isoTime, messageOf, type Settings, type Timer, type UpdateSettings, type World } from "@signet/core";
import type { Logger } from "../logs/logger.ts";
import type { Registry, Release } from "./registry.ts";
import { adviceOn } from "./update-problem.ts";
import type { WantedSettings } from "./update-settings.ts";
import { compareVersions, isBreakingUpgrade, isExactVersion } from "./version.ts";

/** So long what was found out holds. */
const FRESH_MS = 3_600_000;
const HOUR_MS = 3_600_000;
/** A look right at the start would take its time from the first question. */
const FIRST_LOOK_MS = 10_000;

/** What is known of newer versions. */
export interface UpdateInfo {
	readonly currentVersion: string;
	readonly latestVersion: string | null;
	readonly updateAvailable: boolean;
	readonly publishedAt?: string;
	/** Whether it may break what worked. */
	readonly isMajorUpgrade?: boolean;
	readonly restartRequired?: true;
	readonly pendingVersion?: string;
	readonly checkError?: string;
}

export interface InstallOutcome {
	readonly success: boolean;
	readonly message: string;
	readonly output?: string;
	readonly installedVersion?: string;
	readonly restartRequired?: boolean;
}

/** What puts a version beside the program, and in its place; each in a process of its own. */
export interface Installer {
	/** The version that lies beside the program now. */
	staged(): string | undefined;
	/** Download, verify, and lay it beside the program; resolves to what there is to say. Rejects when that failed. */
	stage(version: string): Promise<string>;
	/** Have a process exchange the program and this daemon. It lives on when this one ends. */
	beginApplying(): void;
}

export interface UpdateServiceOptions {
	readonly version: string;
	readonly world: Pick<World, "clock" | "timers">;
	readonly registry: Pick<Registry, "newest">;
	readonly installer: Installer;
	readonly settings: () => Settings;
	/** Keeps settings in the file; false when that cannot be. */
	readonly persist: (wanted: WantedSettings) => Promise<boolean>;
	readonly logger: Pick<Logger, "info" | "warn">;
}

interface Checked {
	readonly info: UpdateInfo;
	readonly atMs: number;
	readonly release: Release | undefined;
}

/** Knows of newer versions, and has them installed where that is wanted. Nothing looks for any by itself otherwise. */
export class UpdateService {
	#checked: Checked | undefined;
	#unpersisted: WantedSettings = {};
	#isBusy = false;
	#timer: Timer | undefined;
	#following: string | undefined;
	#lastInstalledAtMs: number | undefined;
	#lastError: string | null = null;
	#isStopped = false;

	constructor(private readonly options: UpdateServiceOptions) {}

	/** What holds: what the file says, and what could not be written there. */
	get settings(): UpdateSettings {
		return { ...this.options.settings().updates, ...this.#unpersisted };
	}

	/** The version that is in use after the next start; null when it is this one. */
	get pendingVersion(): string | null {
		const staged = this.options.installer.staged();
		return staged !== undefined && compareVersions(staged, this.options.version) > 0 ? staged : null;
	}

	get state() {
		const { auto_install, check_interval } = this.settings;
		return {
			currentVersion: this.options.version,
			latestVersion: this.#checked?.info.latestVersion ?? null,
			updateAvailable: this.#checked?.info.updateAvailable ?? false,
			pendingRestart: this.pendingVersion,
			autoInstall: auto_install,
			checkInterval: check_interval,
			lastCheckAt: this.#checked ? isoTime(this.#checked.atMs) : null,
			lastError: this.#checked?.info.checkError ?? this.#lastError,
			timerActive: this.#timer !== undefined,
		};
	}

	get history() {
		return {
			...(this.#lastInstalledAtMs !== undefined && { lastAutoUpdateAt: isoTime(this.#lastInstalledAtMs) }),
			lastAutoUpdateError: this.#lastError,
			updateInProgress: this.#isBusy,
		};
	}

	/** Whether there is a newer version, as it was found out within the last hour, or now when `isForced`. Never rejects. */
	async check(isForced: boolean): Promise<UpdateInfo & { cached: boolean; checkedAt: string }> {
		const { clock } = this.options.world;
		const isFresh = this.#checked !== undefined && clock.now() - this.#checked.atMs < FRESH_MS;
		const isCached = isFresh && !isForced;
		const { info, atMs } = isCached && this.#checked ? this.#checked : await this.#look();
		return { ...info, cached: isCached, checkedAt: isoTime(atMs) };
	}

	/** Change the settings; resolves to whether the file has them now. */
	async configure(wanted: WantedSettings): Promise<boolean> {
		const isPersisted = Object.keys(wanted).length === 0 || (await this.options.persist(wanted));
		this.#unpersisted = isPersisted ? {} : { ...this.#unpersisted, ...wanted };
		this.follow();
		return isPersisted;
	}

	/** Have a version installed: the one that is named, or the newest. Never rejects. */
	async install(target?: string): Promise<InstallOutcome> {
		if (this.#isBusy) return { success: false, message: "Update already in progress" };
		this.#isBusy = true;
		try {
			return await (target === undefined ? this.#installNewest() : this.#stage(target));
		} finally {
			this.#isBusy = false;
		}
	}

	/** Look now and then from now on, if the settings say so; not any more, if they do not. */
	follow(): void {
		const { auto_install, check_interval } = this.settings;
		const wanted = auto_install && !this.#isStopped ? String(check_interval) : undefined;
		if (wanted === this.#following) return;
		this.#following = wanted;
		this.#timer?.cancel();
		this.#timer = undefined;
		if (wanted !== undefined) this.#plan(FIRST_LOOK_MS);
	}

	stop(): void {
		this.#isStopped = true;
		this.follow();
	}

	#plan(delayMs: number): void {
		this.#timer = this.options.world.timers.after(delayMs, () => void this.#cycle());
	}

	async #cycle(): Promise<void> {
		const { world, installer, logger } = this.options;
		if (!this.#isBusy) {
			this.#isBusy = true;
			try {
				const version = await this.#installByItself();
				this.#lastError = null;
				if (version !== undefined) {
					this.#lastInstalledAtMs = world.clock.now();
					logger.info("update", "a new version takes over", { from: this.options.version, to: version });
					installer.beginApplying();
				}
			} catch (error) {
				this.#lastError = adviceOn(messageOf(error));
				logger.warn("update", "no update was made", { problem: this.#lastError });
			} finally {
				this.#isBusy = false;
			}
		}
		if (this.#following !== undefined) this.#plan(1_000 * this.settings.check_interval);
	}

	/** What nobody asked for waits until others would have noticed that it is bad, and is never a step that may break something. */
	async #installByItself(): Promise<string | undefined> {
		const { info, release } = await this.#look();
		if (info.checkError !== undefined) throw new Error(info.checkError);
		if (!info.updateAvailable || !release) return undefined;
		if (info.isMajorUpgrade) throw new Error("Major version upgrade requires manual install");
		const { min_age_hours } = this.settings;
		const ageMs = this.options.world.clock.now() - Date.parse(release.publishedAt ?? "");
		if (min_age_hours > 0 && !(ageMs >= min_age_hours * HOUR_MS)) return undefined;
		const { success, message } = await this.#stage(release.version);
		if (!success) throw new Error(message);
		return release.version;
	}

	async #installNewest(): Promise<InstallOutcome> {
		const { info } = await this.#look();
		const { version } = this.options;
		if (info.checkError !== undefined) return { success: false, message: `Update failed: ${info.checkError}` };
		const pending = this.pendingVersion;
		if (!info.updateAvailable && pending !== null) {
			const message = `Version ${pending} is ready; \`signet update apply\` puts it in use.`;
			return { success: true, message, installedVersion: pending, restartRequired: true };
		}
		if (!info.updateAvailable || info.latestVersion === null) {
			const message = "Already running the latest version.";
			return { success: true, message, restartRequired: false, installedVersion: version };
		}
		return this.#stage(info.latestVersion);
	}

	async #stage(target: string): Promise<InstallOutcome> {
		if (!isExactVersion(target)) {
			return { success: false, message: "targetVersion must be one exact version, such as 1.2.3" };
		}
		if (compareVersions(target, this.options.version) <= 0) {
			const message = `Version ${target} is not newer than this one, ${this.options.version}; older ones are not installed.`;
			return { success: false, message };
		}
		try {
			const output = await this.options.installer.stage(target);
			// What was known speaks of a version that is on its way.
			this.#checked = undefined;
			const message = `Version ${target} is verified and lies beside the program; \`signet update apply\` puts it in use.`;
			return { success: true, message, output, installedVersion: target, restartRequired: true };
		} catch (error) {
			return { success: false, message: `Update failed: ${adviceOn(messageOf(error))}` };
		}
	}

	async #look(): Promise<Checked> {
		const { registry, version, world } = this.options;
		let release: Release | undefined;
		let checkError: string | undefined;
		try {
			release = await registry.newest(this.settings.channel);
		} catch (error) {
			checkError = adviceOn(messageOf(error));
		}
		const pending = this.pendingVersion;
		const isNewer = release !== undefined && compareVersions(release.version, version) > 0;
		const info: UpdateInfo = {
			currentVersion: version,
			latestVersion: release?.version ?? null,
			updateAvailable: isNewer && release?.version !== pending,
			...(release?.publishedAt !== undefined && { publishedAt: release.publishedAt }),
			...(release && { isMajorUpgrade: isNewer && isBreakingUpgrade(version, release.version) }),
			...(pending !== null && { restartRequired: true as const, pendingVersion: pending }),
			...(checkError !== undefined && { checkError }),
		};
		this.#checked = { info, atMs: world.clock.now(), release };
		return this.#checked;
	}
}
