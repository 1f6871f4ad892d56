import { RefusedAddress } from "./refused-address.ts";

const MAX_URL_CHARS = 4_000;
const DEFAULT_PORTS: Readonly<Record<string, number>> = { "http:": 80, "https:": 443 };

/** Where an address may lead. */
export interface Reach {
	/** Ports besides 80 and 443; "any" for an address that the owner wrote into his configuration. */
	readonly ports?: readonly number[] | "any";
	/** Hosts that may have addresses of this machine or of a private network; "any" for all of them. */
	readonly privateHosts?: readonly string[] | "any";
	/** Only servers that prove who they are: https, or what runs on this machine and `privateHosts` allows. */
	readonly isProved?: boolean;
	/** The address may have a user name and a password in it. */
	readonly mayHavePassword?: boolean;
}

/** An address that a stranger gave: web pages, documents, what another server redirects to. */
export const STRANGER: Reach = {};
/** An address that the owner of the workspace wrote into his configuration or environment. */
export const OWNER: Reach = { ports: "any", privateHosts: "any", mayHavePassword: true };

/** An address that may be asked as far as can be seen from it alone. Throws a `RefusedAddress`. */
export function parseOutgoingUrl(text: string, reach: Reach = STRANGER): URL {
	const refuse = (why: string): never => {
		throw new RefusedAddress(`${shownUrl(text)} is not asked: ${why}`);
	};
	if (text.length > MAX_URL_CHARS) refuse(`it has more than ${MAX_URL_CHARS} characters`);
	if (!URL.canParse(text)) refuse("it is no address; one begins with http:// or https://");
	const url = new URL(text);
	const port = url.port === "" ? DEFAULT_PORTS[url.protocol] : Number(url.port);
	if (port === undefined || !(url.protocol in DEFAULT_PORTS)) refuse("only http and https addresses are");
	const hasPassword = url.username !== "" || url.password !== "";
	if (hasPassword && !reach.mayHavePassword) refuse("it has a user name or password in it");
	if (url.hostname === "") refuse("it names no host");
	if (!isAllowedPort(port, reach)) refuse(`port ${port} is none of the web's`);
	url.hash = "";
	return url;
}

/** Whether the host of an address may be one of this machine or of a private network. */
export function mayBePrivate(url: URL, { privateHosts = [] }: Reach): boolean {
	return privateHosts === "any" || privateHosts.some((host) => hostOf(host) === hostOf(url.hostname));
}

/** An address to be shown: without what may be secret in it, and not without end. */
export function shownUrl(text: string): string {
	if (!URL.canParse(text)) return JSON.stringify(text.slice(0, 200).toWellFormed());
	const url = new URL(text);
	return `${url.protocol}//${url.host}${url.pathname}`.slice(0, 200);
}

function isAllowedPort(port: number | undefined, { ports = [] }: Reach): boolean {
	return port !== undefined && (ports === "any" || port === 80 || port === 443 || ports.includes(port));
}

/** A host as it is compared: small letters, no dot at its end, no brackets. */
function hostOf(host: string): string {
	return host
		.toLowerCase()
		.replace(/\.$/, "")
		.replace(/^\[(.*)\]$/, "$1");
}
