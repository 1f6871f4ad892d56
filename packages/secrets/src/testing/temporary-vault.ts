import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { realWorld } from "@signet/core/world";
import type { Machine } from "../machine-identity.ts";
import type { PassphraseCost } from "../passphrase.ts";
import type { SecretStore } from "../store.ts";
import { openVault, type VaultOptions } from "../vault.ts";

/** So little that a test need not wait for it. */
export const CHEAP: PassphraseCost = { memoryKiB: 128, passes: 1, lanes: 1 };

/** A Linux machine of that identity; without one it is known by its name and who uses it. */
export function machineOf(identity: string | undefined, { user = "ana", hostName = "box" } = {}): Machine {
	return {
		platform: "linux",
		hostName,
		env: user === "" ? {} : { USER: user },
		textOf: (file) => (file === "/etc/machine-id" ? identity : undefined),
	};
}

export interface TemporaryVault extends Disposable {
	readonly folder: string;
	/** The store as another process would open it, on this machine or another one. */
	open(options?: Partial<VaultOptions>): SecretStore;
	/** The text of a file in the folder. */
	text(name?: string): string;
	write(text: string, name?: string): void;
}

/** A folder for secrets that goes away with the test. */
export function temporaryVault(identity: string | undefined = "0123456789abcdef0123456789abcdef"): TemporaryVault {
	const root = mkdtempSync(join(tmpdir(), "signet-secrets-"));
	const folder = join(root, ".secrets");
	return {
		folder,
		open: (options) => openVault({ folder, world: realWorld, env: {}, machine: machineOf(identity), ...options }),
		text: (name = "secrets.enc") => readFileSync(join(folder, name), "utf8"),
		write(text, name = "secrets.enc") {
			mkdirSync(folder, { recursive: true });
			writeFileSync(join(folder, name), text);
		},
		[Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
	};
}
