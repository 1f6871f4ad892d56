import { expect, test } from "bun:test";
import { bearing, guardedDaemon } from "../testing/guarded-daemon.ts";

const CONFIGURATION = `  mode: team
memory:
  pipelineV2:
    enabled: false
    extraction:
      endpoint: http://ana:word-of-extraction@127.0.0.1:9/
    telemetry:
      posthogHost: https://telemetry.example/?key=word-of-telemetry
      posthogApiKey: word-of-posthog
embedding:
  provider: ollama
  base_url: http://ana:word-of-embedding@127.0.0.1:9/?key=word-in-query
search:
  top_k: word-that-is-no-number
`;

test("no key or password of the configuration is told, to whatever role", async () => {
	await using running = await guardedDaemon(CONFIGURATION);
	await Bun.write(`${running.root}/agent.yaml`, `auth:\n${CONFIGURATION}`);
	for (const role of ["readonly", "operator", "admin"] as const) {
		for (const path of ["/api/status", "/api/embeddings/status", "/api/embeddings/health"]) {
			const { status, text } = await running.send("GET", path, undefined, bearing(role));
			expect(status).toBe(200);
			expect(text).not.toMatch(/word-(?:of|in)-/);
			expect([role, text.includes("word-that-is-no-number")]).toEqual([
				role,
				path === "/api/status" && role !== "readonly",
			]);
		}
	}
});
