/**
 * Which requests get in at all. Any web page can send requests to a port of this machine, so being reachable only from
 * here protects nothing by itself. Programs send neither `Origin` nor `Sec-Fetch-Site` and are let through; browsers
 * always send at least one, and cannot lie about them.
 */

export interface GateOptions {
	/** The address that we listen at, as it was configured. */
	readonly host: string;
	/** The port that we listen on. */
	readonly port: number;
	/** Host names besides those of this machine that we may be called by. */
	readonly allowedHosts: readonly string[];
}

export interface GateRequest {
	readonly method: string;
	readonly path: string;
	readonly host: string | null;
	readonly origin: string | null;
	readonly fetchSite: string | null;
	readonly fetchMode: string | null;
	readonly fetchDest: string | null;
}

export type GateVerdict =
	| { readonly isAllowed: true /** To be answered in `Access-Control-Allow-Origin`. */; readonly origin: string | null }
	| { readonly isAllowed: false; readonly reason: string };

/** The dashboard's development server and the windows of the desktop application. */
const FIXED_ORIGINS = [
	"http://localhost:5173",
	"http://127.0.0.1:5173",
	"tauri://localhost",
	"http://tauri.localhost",
	"https://tauri.localhost",
	"app://signet",
];

/** What a browser says of a page of ours, and of an address that a person typed. Whatever else it says is foreign. */
const OWN_SITES = ["same-origin", "none"];

/** Judge a request by its headers alone. */
export function judgeRequest(request: GateRequest, options: GateOptions): GateVerdict {
	// A page that has its own name resolve to this machine ("DNS rebinding") still says that name here.
	const hostName = hostNameOf(request.host);
	if (!isAllowedHostName(hostName, options)) {
		return refuse(`requests for the host ${JSON.stringify(request.host)} are not answered`);
	}
	if (request.origin !== null) {
		if (isAllowedOrigin(request.origin, options)) return { isAllowed: true, origin: request.origin };
		return refuse(`requests from pages of ${request.origin} are not answered`);
	}
	const isForeign = request.fetchSite !== null && !OWN_SITES.includes(request.fetchSite);
	if (isForeign && !isNavigationToPage(request)) return refuse("requests from other sites are not answered");
	return { isAllowed: true, origin: null };
}

/** Whether an address that we are to listen at can be reached from this machine only. */
export function isLoopbackHost(host: string): boolean {
	return isOwnHostName(hostNameOf(host));
}

/** Whether an address means every one that this machine has. */
export function isWildcardHost(host: string): boolean {
	return host === "0.0.0.0" || hostNameOf(host) === "::";
}

/** What a client on this machine calls an address that we listen at. */
export function reachableName(host: string): string {
	if (isWildcardHost(host)) return host === "0.0.0.0" ? "127.0.0.1" : "[::1]";
	return host.includes(":") ? `[${host}]` : host;
}

function isAllowedHostName(name: string, { host, allowedHosts }: GateOptions): boolean {
	if (isOwnHostName(name) || name === hostNameOf(host)) return true;
	if (allowedHosts.some((allowed) => allowed.toLowerCase() === name)) return true;
	// No page can have an address resolve to anything else, so it is as good as a name of ours.
	return isWildcardHost(host) && isAddress(name);
}

function refuse(reason: string): GateVerdict {
	return { isAllowed: false, reason };
}

/** A link to our page may be followed from anywhere: what it shows needs requests of its own. */
function isNavigationToPage({ method, path, fetchMode, fetchDest }: GateRequest): boolean {
	return method === "GET" && path === "/" && fetchMode === "navigate" && fetchDest === "document";
}

function isAllowedOrigin(origin: string, options: GateOptions): boolean {
	if (FIXED_ORIGINS.includes(origin)) return true;
	if (!origin.startsWith("http://")) return false;
	const host = origin.slice("http://".length);
	// Browsers leave the port out that is the usual one.
	const isOurPort = host.endsWith(`:${options.port}`) || (options.port === 80 && !/:\d*$/.test(host));
	return (
		isOurPort && /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d+)?$/i.test(host) && isAllowedHostName(hostNameOf(host), options)
	);
}

/** The name in a `Host` header, lower case, without port, brackets and a dot at its end. */
function hostNameOf(host: string | null): string {
	const text = (host ?? "").trim().toLowerCase();
	const bracketed = /^\[([^\]]*)\](?::\d+)?$/.exec(text);
	if (bracketed) return bracketed[1] ?? "";
	const hasNoPort = (text.match(/:/g) ?? []).length > 1;
	return (hasNoPort ? text : text.replace(/:\d+$/, "")).replace(/\.$/, "");
}

/** Whether a name is an IP address: no other one has colons, or a number at its end. */
function isAddress(name: string): boolean {
	return name.includes(":") || /^\d{1,3}(\.\d{1,3}){3}$/.test(name);
}

function isOwnHostName(name: string): boolean {
	return name === "localhost" || name === "::1" || OWN_IPV4.test(name);
}

const OWN_IPV4 = /^127(?:\.(?:25[0-5]|2[0-4]\d|1?\d{1,2})){3}$/;
