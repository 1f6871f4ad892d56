import { existsSync } from "node:fs";
import { isoTime, type SecretSource, type Timer, type WorkspacePaths, type World } from "@signet/core";
import type { SecretStore, VaultCheck } from "@signet/secrets";
import type { Logger } from "../logs/logger.ts";
import type { SecretVault } from "./secret-vault.ts";

const NOTHING = -2;
const NOT_LOADED = -1;
/** After the start, which is not to wait for it. */
const CHECK_AFTER_MS = 3_000;

export interface WorkspaceSecretsOptions {
	readonly paths: WorkspacePaths;
	readonly world: World;
	readonly env: Readonly<Record<string, string | undefined>>;
	readonly logger: Logger;
}

/** How the vault was when it was looked at last. */
export interface SecretsState {
	readonly state: VaultCheck["state"];
	readonly source: VaultCheck["source"] | null;
	readonly total: number;
	/** Secrets that cannot be opened. */
	readonly unopened: number;
	/** Why nothing can be opened at all. */
	readonly problem: string | null;
	/** ISO-8601 UTC. */
	readonly checkedAt: string;
}

/** The vault of the workspace. It is loaded when it is first needed: most days of most daemons it is not. */
export class WorkspaceSecrets implements SecretSource, SecretVault {
	#store: SecretStore | undefined;
	#timer: Timer | undefined;
	#state: SecretsState | undefined;

	constructor(private readonly options: WorkspaceSecretsOptions) {}

	/** The vault itself. */
	async store(): Promise<SecretStore> {
		if (this.#store) return this.#store;
		const { paths, world, env } = this.options;
		const { openVault } = await import("@signet/secrets");
		this.#store ??= openVault({ folder: paths.secretsFolder, world, env });
		return this.#store;
	}

	async resolve(name: string): Promise<string> {
		return (await this.store()).resolve(name);
	}

	async values(): Promise<ReadonlyMap<string, string>> {
		return this.#isThere() ? (await this.store()).values() : new Map();
	}

	/** Before the vault was needed it is only looked whether there is one. */
	changeCount(): number {
		return this.#store?.changes ?? (this.#isThere() ? NOT_LOADED : NOTHING);
	}

	get changes(): number {
		return this.changeCount();
	}

	async sealedText(name: string): Promise<string | undefined> {
		return this.#isThere() ? (await this.store()).sealedText(name) : undefined;
	}

	async changeSealedText(name: string, change: (text: string | undefined) => string | undefined): Promise<void> {
		await (await this.store()).changeSealedText(name, change);
	}

	#isThere(): boolean {
		return existsSync(this.options.paths.secretsFile);
	}

	/** What the last check found; undefined when there was none, or there are no secrets. */
	get state(): SecretsState | undefined {
		return this.#state;
	}

	/** Where there are secrets, see soon whether they can be opened, and say so when not: not first when one is used. */
	start(): void {
		if (!existsSync(this.options.paths.secretsFile)) return;
		this.#timer = this.options.world.timers.after(CHECK_AFTER_MS, () => void this.check());
	}

	stop(): void {
		this.#timer?.cancel();
	}

	/** See whether all secrets can be opened. Never throws. */
	async check(): Promise<SecretsState | undefined> {
		const { logger, world } = this.options;
		try {
			const found = await (await this.store()).check();
			this.#state = stateOf(found, isoTime(world.clock.now()));
			this.#tell(found);
		} catch (error) {
			logger.error("secrets", "the secrets could not be checked", error);
		}
		return this.#state;
	}

	#tell({ state, problem, total, unopened, unbound }: VaultCheck): void {
		const { logger } = this.options;
		if (state === "unreadable") logger.warn("secrets", "the secrets cannot be read", { problem });
		if (state === "locked") logger.warn("secrets", "the secrets are locked", { problem });
		if (unopened.length > 0) {
			const names = unopened.map(({ name }) => name);
			logger.warn("secrets", `${unopened.length} of ${total} secrets cannot be opened`, { names });
		}
		if (unbound.length > 0) {
			const message = `${unbound.length} of ${total} secrets are not proved to belong to their names`;
			logger.info("secrets", `${message}; \`signet secret rekey\` seals them anew`, { names: unbound });
		}
	}
}

function stateOf({ state, source, total, unopened, problem }: VaultCheck, checkedAt: string): SecretsState | undefined {
	if (state === "absent") return undefined;
	return { state, source: source ?? null, total, unopened: unopened.length, problem: problem ?? null, checkedAt };
}
