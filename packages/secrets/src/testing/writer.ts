/** Another process that stores secrets: `writer.ts FOLDER PREFIX COUNT`, and says each name when it is stored. */
import { realWorld } from "@signet/core/world";
import { openVault } from "../vault.ts";
import { machineOf } from "./temporary-vault.ts";

const [folder = "", prefix = "", count = "0"] = Bun.argv.slice(2);
const store = openVault({ folder, world: realWorld, env: {}, machine: machineOf("the machine of both") });
for (let n = 0; n < Number(count); n++) {
	await store.put(`${prefix}_${n}`, `value ${n} of ${prefix} ${"x".repeat(n % 500)}`);
	console.log(`${prefix}_${n}`);
}
