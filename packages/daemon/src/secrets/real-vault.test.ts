import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { workspacePaths } from "@signet/core";
import { temporaryDaemon } from "../testing/temporary-daemon.ts";

const KEY = "sk-live-51f0c2d7a9b84e66";

test("a secret that is stored is kept out of memory, and runs commands, also after the next start", async () => {
	await using daemon = await temporaryDaemon();
	const { send, root } = daemon;
	expect((await send("POST", "/api/secrets/STRIPE_KEY", { value: KEY })).status).toBe(200);
	const remembered = await send("POST", "/api/memory/remember", { content: `The key of the shop is ${KEY}` });
	expect(remembered.json.content).toBe("The key of the shop is [secret:STRIPE_KEY]");
	const command = { command: "printf %s $STRIPE_KEY | base64", secrets: { STRIPE_KEY: "STRIPE_KEY" } };
	expect((await send("POST", "/api/secrets/exec", command)).json).toMatchObject({ stdout: "[REDACTED]\n", code: 0 });
	const policy = await send("POST", "/api/secrets/STRIPE_KEY/policy", { use: "deny" });
	expect(policy.status).toBe(200);
	await daemon.daemon.stop();
	await using next = await temporaryDaemon(undefined, { root });
	expect((await next.send("POST", "/api/secrets/exec", command)).status).toBe(403);
	const again = await next.send("POST", "/api/memory/remember", { content: `Again: ${KEY}` });
	expect(again.json.content).toBe("Again: [secret:STRIPE_KEY]");
	const stored = readFileSync(workspacePaths(root).secretsFile, "utf8");
	expect(stored).not.toContain(KEY);
	expect(stored).not.toContain("deny");
	await next.send("DELETE", "/api/secrets/STRIPE_KEY");
	const free = await next.send("POST", "/api/memory/remember", { content: `No secret any more: ${KEY}` });
	expect(free.json.content).toContain(KEY);
});
