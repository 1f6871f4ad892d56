import type { World } from "@signet/core";
import type { KeyRing } from "./key-ring.ts";
import type { Keychain } from "./keychain.ts";
import type { Machine } from "./machine-identity.ts";
import type { KnownPassphrase } from "./passphrase.ts";
import { SecretsFolder } from "./secrets-folder.ts";
import { SecretStore } from "./store.ts";
import { StoreFile } from "./store-file.ts";

export interface VaultOptions {
	/** `.secrets` of a workspace; made with the first secret. */
	readonly folder: string;
	readonly world: Pick<World, "clock" | "timers" | "random" | "processes">;
	readonly env: Readonly<Record<string, string | undefined>>;
	/** Where the passphrase comes from, when one is needed; without it, from where the environment says. */
	readonly passphrase?: () => Promise<KnownPassphrase | undefined>;
	/** The machine and its keychain, where they are not those that we run on. */
	readonly machine?: Machine;
	readonly keychain?: Keychain;
}

/** The vault of a workspace. Nothing is looked up, made or loaded before it is needed. */
export function openVault(options: VaultOptions): SecretStore {
	const folder = new SecretsFolder(options.folder, options.world);
	const keychain = async () => options.keychain ?? (await loadKeychain(options));
	let keys: Promise<KeyRing> | undefined;
	return new SecretStore({
		file: new StoreFile(folder),
		keys: () => (keys ??= loadKeys(folder, keychain, options)),
		keychain,
		world: options.world,
	});
}

async function loadKeys(
	folder: SecretsFolder,
	keychain: () => Promise<Keychain | undefined>,
	options: VaultOptions,
): Promise<KeyRing> {
	const { world, env } = options;
	const [{ KeyRing }, { MachineKeys }, { thisMachine }, { passphraseIn }] = await Promise.all([
		import("./key-ring.ts"),
		import("./machine-keys.ts"),
		import("./machine-identity.ts"),
		import("./passphrase-place.ts"),
	]);
	return new KeyRing({
		machine: new MachineKeys(folder, options.machine ?? thisMachine(env), world),
		keychain,
		passphrase: options.passphrase ?? (() => passphraseIn(env)),
	});
}

async function loadKeychain({ world, env }: VaultOptions): Promise<Keychain | undefined> {
	const { keychainBy, keychainTool } = await import("./keychain.ts");
	const tool = keychainTool(process.platform);
	return tool && keychainBy(tool, world, env);
}
