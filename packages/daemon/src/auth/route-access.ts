import type { Permission } from "./permissions.ts";
import type { RateOperation } from "./rate-operations.ts";

/** What a route demands of its caller. */
export interface RouteAccess {
	/** `public`: nothing; `authenticated`: a token of any role. */
	readonly permission: Permission | "public" | "authenticated";
	/**
	 * What the scope of a token does. `filter`: only memories within it are there, for reading as for changing. `whole`:
	 * the route is about the workspace as a whole, and refused to whoever sees a part. `none`: no memory is concerned.
	 */
	readonly scope: "filter" | "whole" | "none";
	/** What a request counts as, whatever becomes of it. */
	readonly rate?: RateOperation;
}

type Demand = (permission: RouteAccess["permission"], rate?: RateOperation) => RouteAccess;
const filtered: Demand = (permission, rate) => ({ permission, scope: "filter", ...(rate && { rate }) });
const whole: Demand = (permission, rate) => ({ permission, scope: "whole", ...(rate && { rate }) });
const unscoped: Demand = (permission, rate) => ({ permission, scope: "none", ...(rate && { rate }) });

/**
 * Who may call what: the one table of all routes, also of those that are still to come. A route that is not here cannot
 * be added, and is not answered.
 */
export const ROUTE_ACCESS = {
	"OPTIONS /*": unscoped("public"),
	"GET /": unscoped("public"),
	"GET /health": unscoped("public"),
	"GET /openapi.json": unscoped("authenticated"),
	"GET /api/status": unscoped("authenticated"),
	"GET /api/features": unscoped("diagnostics"),

	"GET /api/auth/whoami": unscoped("authenticated"),
	"POST /api/auth/token": unscoped("admin", "admin"),
	"GET /api/auth/tokens": unscoped("admin"),
	"DELETE /api/auth/tokens/:jti": unscoped("admin", "admin"),
	"POST /api/auth/rotate": unscoped("admin", "admin"),
	// A browser that shows a token gets a cookie for it, and for a stream of events, which can send no header, a ticket.
	"POST /api/auth/session": unscoped("authenticated"),
	"DELETE /api/auth/session": unscoped("authenticated"),
	"POST /api/auth/ticket": unscoped("authenticated"),

	"POST /api/memory/remember": filtered("remember", "remember"),
	"POST /api/memory/save": filtered("remember", "remember"),
	"POST /api/hook/remember": filtered("remember", "remember"),
	"POST /api/memory/recall": filtered("recall"),
	"GET /api/memory/search": filtered("recall"),
	"GET /memory/search": filtered("recall"),
	"GET /memory/similar": filtered("recall"),
	"GET /api/memories": filtered("recall"),
	"GET /api/memories/stats": filtered("recall"),
	"GET /api/memory/:id": filtered("recall"),
	"GET /api/memory/:id/history": filtered("recall"),
	"PATCH /api/memory/:id": filtered("modify", "modify"),
	"POST /api/memory/:id/restore": filtered("modify", "modify"),
	"POST /api/memory/modify": filtered("modify", "modify"),
	"DELETE /api/memory/:id": filtered("forget", "forget"),
	"POST /api/memory/forget": filtered("forget", "batchForget"),
	"POST /api/memory/:id/recover": filtered("recover"),
	// Nothing brings it back, not even a copy.
	"POST /api/memory/:id/erase": filtered("admin", "forget"),
	"GET /api/memory/jobs/:id": filtered("recall"),
	"POST /api/memory/jobs/:id/retry": filtered("modify", "modify"),

	"GET /api/embeddings": filtered("recall"),
	"GET /api/embeddings/status": unscoped("recall"),
	"GET /api/embeddings/health": whole("recall"),
	"GET /api/embeddings/projection": filtered("analytics"),

	// Whole rows, with the past and whatever was forgotten; and taken in as they are, with a past that they bring along.
	"GET /api/export/:kind": whole("admin"),
	"POST /api/imports": whole("admin"),
	"GET /api/imports": whole("admin"),
	"POST /api/imports/:id/rows": whole("admin"),
	"POST /api/imports/:id/complete": whole("admin"),
	"POST /api/imports/:id/undo": whole("admin"),

	"POST /api/hooks/session-start": filtered("recall"),
	"POST /api/hooks/user-prompt-submit": filtered("recall"),
	"POST /api/hooks/session-end": filtered("remember"),
	"POST /api/hooks/remember": filtered("remember", "remember"),
	"POST /api/hooks/recall": filtered("recall"),
	"POST /api/hooks/pre-compaction": filtered("recall"),
	"POST /api/hooks/compaction-complete": filtered("remember", "remember"),
	"GET /api/hooks/synthesis/config": unscoped("recall"),
	"POST /api/hooks/synthesis": whole("recall"),
	"POST /api/hooks/synthesis/complete": whole("remember"),

	"POST /api/documents": filtered("documents"),
	"GET /api/documents": filtered("documents"),
	"GET /api/documents/:id": filtered("documents"),
	"GET /api/documents/:id/chunks": filtered("documents"),
	"DELETE /api/documents/:id": filtered("documents"),

	"GET /api/connectors": whole("connectors"),
	"POST /api/connectors": whole("admin"),
	"GET /api/connectors/:id": whole("connectors"),
	"GET /api/connectors/:id/health": whole("connectors"),
	"POST /api/connectors/:id/sync": whole("admin"),
	"POST /api/connectors/:id/sync/full": whole("admin"),
	"DELETE /api/connectors/:id": whole("admin"),

	// Each tool then asks for what it needs.
	"GET /mcp": filtered("authenticated"),
	"POST /mcp": filtered("authenticated"),
	"DELETE /mcp": filtered("authenticated"),

	"GET /api/secrets": unscoped("secrets"),
	"POST /api/secrets/:name": unscoped("admin"),
	"DELETE /api/secrets/:name": unscoped("admin"),
	"POST /api/secrets/exec": unscoped("admin", "exec"),
	"POST /api/secrets/:name/exec": unscoped("admin", "exec"),
	"GET /api/secrets/policies": unscoped("admin"),
	"POST /api/secrets/:name/policy": unscoped("admin"),
	"DELETE /api/secrets/:name/policy": unscoped("admin"),
	"GET /api/secrets/approvals": unscoped("admin"),
	"POST /api/secrets/approvals/:id/approve": unscoped("admin"),
	"POST /api/secrets/approvals/:id/deny": unscoped("admin"),
	// Whoever guesses a value would learn by it whether it is one.
	"POST /api/secrets/guard/clean": unscoped("admin"),
	"POST /api/secret-store/unlock": unscoped("admin"),

	"GET /api/config": whole("diagnostics"),
	"POST /api/config": whole("admin"),
	"GET /api/identity": unscoped("recall"),
	"GET /api/harnesses": unscoped("diagnostics"),
	"POST /api/harnesses/regenerate": whole("admin", "exec"),
	"GET /api/git/status": whole("diagnostics"),
	"GET /api/git/config": unscoped("diagnostics"),
	"POST /api/git/config": whole("admin"),
	"POST /api/git/pull": whole("admin"),
	"POST /api/git/push": whole("admin"),
	"POST /api/git/sync": whole("admin"),

	"GET /api/update/check": unscoped("diagnostics"),
	"GET /api/update/config": unscoped("diagnostics"),
	"POST /api/update/config": whole("admin"),
	"POST /api/update/run": whole("admin", "exec"),

	"GET /api/skills": unscoped("recall"),
	"GET /api/skills/browse": unscoped("recall"),
	"GET /api/skills/search": unscoped("recall"),
	"GET /api/skills/:name": unscoped("recall"),
	"POST /api/skills/install": whole("admin", "exec"),
	"DELETE /api/skills/:name": whole("admin"),

	"GET /api/tasks": whole("analytics"),
	"POST /api/tasks": whole("admin"),
	"GET /api/tasks/:id": whole("analytics"),
	"PATCH /api/tasks/:id": whole("admin"),
	"DELETE /api/tasks/:id": whole("admin"),
	"POST /api/tasks/:id/run": whole("admin", "taskRun"),
	"GET /api/tasks/:id/runs": whole("analytics"),
	"GET /api/tasks/:id/stream": whole("analytics"),

	"GET /api/diagnostics": whole("diagnostics"),
	"GET /api/diagnostics/update": whole("diagnostics"),
	"GET /api/diagnostics/:domain": whole("diagnostics"),
	"GET /api/pipeline/status": whole("diagnostics"),
	"GET /api/logs": whole("diagnostics"),
	"GET /api/logs/stream": whole("diagnostics"),
	"GET /api/telemetry/events": whole("diagnostics"),
	"GET /api/telemetry/stats": whole("diagnostics"),
	"GET /api/telemetry/export": whole("diagnostics"),

	"GET /api/analytics/usage": whole("analytics"),
	"GET /api/analytics/errors": whole("analytics"),
	"GET /api/analytics/latency": whole("analytics"),
	"GET /api/analytics/logs": whole("analytics"),
	"GET /api/analytics/memory-safety": whole("analytics"),
	"GET /api/analytics/continuity": whole("analytics"),
	"GET /api/analytics/continuity/latest": whole("analytics"),
	"GET /api/timeline/:id": filtered("analytics"),
	"GET /api/timeline/:id/export": filtered("analytics"),

	"GET /api/repair/embedding-gaps": whole("admin"),
	"GET /api/repair/dedup-stats": whole("admin"),
	"POST /api/repair/requeue-dead": whole("admin"),
	"POST /api/repair/release-leases": whole("admin"),
	"POST /api/repair/check-fts": whole("admin"),
	"POST /api/repair/retention-sweep": whole("admin"),
	"POST /api/repair/re-embed": whole("admin"),
	"POST /api/repair/clean-orphans": whole("admin"),
	"POST /api/repair/deduplicate": whole("admin"),
} satisfies Readonly<Record<`${Method} /${string}`, RouteAccess>>;

export type Method = "GET" | "POST" | "PATCH" | "DELETE" | "OPTIONS";
type RouteKey = keyof typeof ROUTE_ACCESS;

/** A method and a path that the table has. */
export type RouteAddress = {
	[Key in RouteKey]: Key extends `${infer M extends Method} ${infer Path}`
		? { readonly method: M; readonly path: Path }
		: never;
}[RouteKey];

/** What a route demands; undefined where the table does not have it. */
export function accessOf({
	method,
	path,
}: {
	readonly method: string;
	readonly path: string;
}): RouteAccess | undefined {
	const key = `${method} ${path}`;
	return isKnown(key) ? ROUTE_ACCESS[key] : undefined;
}

function isKnown(key: string): key is RouteKey {
	return Object.hasOwn(ROUTE_ACCESS, key);
}

/**
 * What is demanded of a request that no route answers: what the table says of its path, be it for another method, or
 * that somebody has to be there at all.
 */
export function accessOfUnanswered(method: string, path: string): RouteAccess {
	let best: { access: RouteAccess; rank: number } | undefined;
	for (const [key, access] of Object.entries(ROUTE_ACCESS)) {
		const [own, pattern = ""] = key.split(" ");
		const literal = literalParts(pattern, path);
		if (literal === undefined || own === "OPTIONS") continue;
		// Names win over parameters, and the method that was asked for wins over others.
		const rank = 2 * literal + (own === method ? 1 : 0);
		if (!best || rank > best.rank) best = { access, rank };
	}
	return best?.access ?? UNKNOWN;
}

const UNKNOWN = unscoped("authenticated");

/** How many parts of a path a pattern names, if it has this path. */
function literalParts(pattern: string, path: string): number | undefined {
	const wanted = pattern.split("/");
	const given = path.split("/");
	if (wanted.length !== given.length) return undefined;
	let literal = 0;
	for (const [at, part] of wanted.entries()) {
		if (part.startsWith(":") ? given[at] === "" : given[at] !== part) return undefined;
		if (!part.startsWith(":")) literal++;
	}
	return literal;
}
