import ipaddr from "ipaddr.js";

/** All that is routed on the internet today (https://www.iana.org/assignments/ipv6-address-space). */
const GLOBAL_UNICAST = ipaddr.parseCIDR("2000::/3");

/**
 * Whether an IP address is one of the internet: no loopback, private, link-local, shared (CGNAT), multicast, reserved or
 * documentation address, and none that stands for another one (IPv4 in IPv6, NAT64, 6to4, Teredo), since where that
 * leads depends on the network we are in. What is no IP address is none of the internet either.
 */
export function isPublicAddress(text: string): boolean {
	if (!ipaddr.isValid(text)) return false;
	const address = ipaddr.parse(text);
	if (address.range() !== "unicast") return false;
	if (address.kind() === "ipv4") return ipaddr.IPv4.isValidFourPartDecimal(text);
	return address.match(GLOBAL_UNICAST) && !text.includes("%");
}

/** Whether an address is this machine. */
export function isLoopbackAddress(text: string): boolean {
	return ipaddr.isValid(text) && ipaddr.process(text).range() === "loopback";
}
