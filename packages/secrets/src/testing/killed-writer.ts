/** Another process that is killed while it stores a secret: `killed-writer.ts FOLDER N`, before it renames the Nth file. */
import { realWorld } from "@signet/core/world";

const [folder = "", nth = "1"] = Bun.argv.slice(2);
// Whoever imports this module later gets what stands in it then.
const files = require("node:fs/promises");
const rename = files.rename;
let count = 0;
files.rename = (from: string, to: string) => {
	if (++count === Number(nth)) process.kill(process.pid, "SIGKILL");
	return rename(from, to);
};
const { openVault } = await import("../vault.ts");
const { machineOf } = await import("./temporary-vault.ts");
const store = openVault({ folder, world: realWorld, env: {}, machine: machineOf("the machine of both") });
await store.put("A", "after");
