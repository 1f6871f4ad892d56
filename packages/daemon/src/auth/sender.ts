import type { BlockList } from "node:net";
import { isLoopbackHost } from "../http/gate.ts";

/** Addresses of proxies that are believed what they say of whom they forward for. */
export class TrustedProxies {
	readonly #addresses: BlockList | undefined;

	/** Each an address or a network such as `10.0.0.0/8`. Throws what is neither. */
	constructor(places: readonly string[]) {
		if (places.length === 0) return;
		this.#addresses = new (net().BlockList)();
		for (const place of places) addPlace(this.#addresses, place);
	}

	has(address: string): boolean {
		if (!this.#addresses) return false;
		const version = net().isIP(address);
		return version !== 0 && this.#addresses.check(address, version === 4 ? "ipv4" : "ipv6");
	}
}

/** At once, but only where proxies are named: the daemon is to be small. */
function net(): typeof import("node:net") {
	return require("node:net");
}

function addPlace(list: BlockList, place: string): void {
	const [address = "", bits] = place.trim().split("/");
	const version = net().isIP(address);
	const most = version === 4 ? 32 : 128;
	const length = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN;
	if (version === 0 || !(length <= most)) {
		throw new Error(`${JSON.stringify(place)} is no address, nor a network such as 10.0.0.0/8`);
	}
	list.addSubnet(address, length, version === 4 ? "ipv4" : "ipv6");
}

/** Where a request comes from. */
export interface Sender {
	/** Of whoever sent it, as far as that can be known; for telling one from another, and for the log. */
	readonly address: string;
	/** Whether it was sent from this machine, to this machine, and by nobody on behalf of others. */
	readonly isHere: boolean;
}

export interface SentRequest {
	/** The other end of the connection; undefined when it is not known. */
	readonly peer: string | undefined;
	readonly headers: Headers;
}

const UNKNOWN = "unknown";

/**
 * Where a request comes from. What a request says of that itself is believed only of proxies that the configuration
 * names; whoever comes through one, named or not, is never from here.
 */
export function senderOf({ peer, headers }: SentRequest, proxies: TrustedProxies): Sender {
	const address = peer === undefined ? undefined : plainAddress(peer);
	if (address === undefined) return { address: UNKNOWN, isHere: false };
	if (proxies.has(address)) return { address: forwardedFor(headers, proxies) ?? address, isHere: false };
	return {
		address,
		isHere: isLoopback(address) && !isForwarded(headers) && isLoopbackHost(headers.get("host") ?? ""),
	};
}

/** An IPv4 address as such, also where a socket for both kinds has written it otherwise. */
function plainAddress(address: string): string {
	return /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i.exec(address)?.[1] ?? address;
}

function isLoopback(address: string): boolean {
	return address === "::1" || /^127(?:\.\d{1,3}){3}$/.test(address);
}

/** Whether a proxy has put its mark on a request. */
function isForwarded(headers: Headers): boolean {
	if (headers.has("forwarded") || headers.has("via") || headers.has("x-real-ip")) return true;
	for (const name of headers.keys()) if (name.startsWith("x-forwarded")) return true;
	return false;
}

/** The last address that no proxy of ours has added. */
function forwardedFor(headers: Headers, proxies: TrustedProxies): string | undefined {
	const hops = (headers.get("x-forwarded-for") ?? "").split(",").map((hop) => plainAddress(hop.trim()));
	return hops.reverse().find((hop) => net().isIP(hop) !== 0 && !proxies.has(hop));
}
