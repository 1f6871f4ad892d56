import type { World } from "@signet/core";
import { type Machine, type MachineIdentity, machineIdentities } from "./machine-identity.ts";
import { openAt } from "./opening.ts";
import { isSameKey, type Key, machineKey } from "./sealing.ts";
import { MACHINE_ID, type SecretsFolder } from "./secrets-folder.ts";
import type { StoredFile } from "./stored-file.ts";

const NEW_IDENTITY_BYTES = 16;

interface Candidate extends MachineIdentity {
	readonly key: Key;
}

/** The keys that may be this machine's, the first one in force. */
export interface MachineKeyList {
	readonly keys: readonly Key[];
	/** Whether the first one has been written down, so that it stays whatever the system says tomorrow. */
	readonly isSettled: boolean;
}

/** Keys from what tells this machine from others. What the system says is asked once. */
export class MachineKeys {
	#system: Promise<readonly Candidate[]> | undefined;

	constructor(
		private readonly folder: SecretsFolder,
		private readonly machine: Machine,
		private readonly world: Pick<World, "processes" | "timers" | "random">,
	) {}

	/** The keys that may open something. */
	async list(): Promise<MachineKeyList> {
		const settled = await this.#settled();
		const system = (await this.#candidates()).map(({ key }) => key);
		return settled
			? { keys: [settled, ...system.filter((key) => !isSameKey(key, settled))], isSettled: true }
			: { keys: system, isSettled: false };
	}

	/** Write down which identity holds from now on, if none is; gives its key. Only under the lock. */
	async settle(file: StoredFile): Promise<Key> {
		const settled = await this.#settled();
		if (settled) return settled;
		const [first] = await this.#candidates();
		const isGood = first && (!first.isCommon || opensAny(file, first.key));
		const identity = isGood ? first.text : Buffer.from(this.world.random.bytes(NEW_IDENTITY_BYTES)).toString("hex");
		await this.folder.replace(MACHINE_ID, identity);
		return machineKey(identity);
	}

	async #settled(): Promise<Key | undefined> {
		const identity = (await this.folder.read(MACHINE_ID))?.toString("utf8").trim();
		return identity ? machineKey(identity) : undefined;
	}

	#candidates(): Promise<readonly Candidate[]> {
		this.#system ??= machineIdentities(this.machine, this.world).then((identities) =>
			identities.map((identity) => ({ ...identity, key: machineKey(identity.text) })),
		);
		return this.#system;
	}
}

function opensAny({ secrets }: StoredFile, key: Key): boolean {
	return [...secrets].some(([name, secret]) => typeof openAt(name, secret, [key]) !== "string");
}
