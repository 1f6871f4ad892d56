/** Another process that uses a vault without a value, then with one: prints how much it has loaded each time. */
import { realWorld } from "@signet/core/world";
import { openVault } from "../vault.ts";
import { machineOf } from "./temporary-vault.ts";

const [folder = ""] = Bun.argv.slice(2);
const loaded = () => Object.keys(require.cache).filter((file) => file.includes("@noble")).length;
const store = openVault({ folder, world: realWorld, env: {}, machine: machineOf("m") });
const counts: number[] = [];
await store.list();
await store.delete("NONE").catch(() => undefined);
counts.push(store.changes, loaded());
await store.put("A", "a");
counts.push(loaded());
console.log(JSON.stringify(counts));
