import type { Hono } from "hono";
import type { AppEnv } from "../auth/guard.ts";

const STYLE = `
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 40rem; margin: 12vh auto 0; padding: 0 1.5rem; }
h1 { font-size: 1.75rem; letter-spacing: -0.02em; margin: 0; }
p { margin: 0.5rem 0 1.5rem; opacity: 0.75; }
pre { padding: 1rem 1.25rem; border: 1px solid color-mix(in srgb, currentColor 20%, transparent); border-radius: 8px; overflow-x: auto; }
a { color: inherit; }
`;

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Signet</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Signet is running</h1>
<p>Memory and identity for AI coding agents, kept by their owner.</p>
<pre>signet remember "I prefer small pull requests"
signet recall "how do I like my pull requests?"
signet status</pre>
<p>Programs: <a href="/openapi.json">the routes</a>, <a href="/api/status">the state</a>, <a href="/health">health</a>.</p>
</body>
</html>
`;

/** The page for a person who opens the daemon's address. */
export function addLandingPage(app: Hono<AppEnv>): void {
	app.get("/", (context) => context.html(PAGE, 200, { "content-security-policy": policy() }));
}

/** Nothing but our own style, no scripts, and not inside anybody else's page. */
function policy(): string {
	const styleHash = new Bun.CryptoHasher("sha256").update(STYLE).digest("base64");
	return `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
}
