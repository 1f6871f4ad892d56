import ipaddr from "ipaddr.js";
import { messageOf } from "../errors.ts";
import type { Network } from "../world.ts";
import { mayBePrivate, type Reach, shownUrl } from "./outgoing-url.ts";
import { isLoopbackAddress, isPublicAddress } from "./public-address.ts";
import { RefusedAddress } from "./refused-address.ts";

export interface CheckedAddresses {
	/** To connect to, in the order to be tried. None for a host that is an address itself. */
	readonly addresses: readonly string[];
	/** Whether they are of this machine or of a private network. */
	readonly isPrivate: boolean;
}

/**
 * The addresses of the host of a URL, all of them checked: one that may not be asked refuses the name. They are what is
 * to be connected to, for a name may have other ones a moment later. Throws a `RefusedAddress`.
 */
export async function checkedAddresses(
	network: Pick<Network, "resolve">,
	url: URL,
	reach: Reach,
): Promise<CheckedAddresses> {
	const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
	const isAddress = ipaddr.isValid(host);
	const addresses = isAddress ? [host] : await resolve(network, host);
	if (addresses.length === 0) throw new Error(`${host} has no address`);
	const inside = addresses.filter((address) => !isPublicAddress(address));
	if (inside.length > 0 && !mayBePrivate(url, reach)) {
		const where = isAddress ? "it is" : `${host} has`;
		throw new RefusedAddress(
			`${shownUrl(url.href)} is not asked: ${where} an address of this machine or of a private network (${inside[0]})`,
		);
	}
	if (reach.isProved && url.protocol === "http:" && !addresses.every(isLoopbackAddress)) {
		throw new RefusedAddress(`${shownUrl(url.href)} is not asked: it is not https, so nobody knows who answers`);
	}
	return { addresses: isAddress ? [] : addresses, isPrivate: inside.length > 0 };
}

async function resolve(network: Pick<Network, "resolve">, host: string): Promise<readonly string[]> {
	try {
		return await network.resolve(host.replace(/\.$/, ""));
	} catch (error) {
		throw new Error(`${host} is not found: ${messageOf(error)}`);
	}
}
