import { EVERYTHING, type MemoryScope } from "@signet/core";
import { type Permission, roleHas } from "./permissions.ts";
import type { Claims } from "./token.ts";

/** Who sends a request. */
export interface Caller {
	/** By what rate limits tell it from others: never by what it says of itself without proof. */
	readonly identity: string;
	/** What its token says; undefined for whoever comes without one. */
	readonly claims: Claims | undefined;
	/** Whether it is trusted without a token: it may whatever the owner may. */
	readonly isOwner: boolean;
	/** What it may see and change. Administrators see everything. */
	readonly scope: MemoryScope;
}

/** Whoever asks where no tokens are asked for. */
export const LOCAL_CALLER: Caller = { identity: "local", claims: undefined, isOwner: true, scope: EVERYTHING };

/** Somebody on this machine, where that is enough. */
export function ownerAt(address: string): Caller {
	return { identity: `address ${address}`, claims: undefined, isOwner: true, scope: EVERYTHING };
}

/** Nobody in particular. */
export function nobodyAt(address: string): Caller {
	return { identity: `address ${address}`, claims: undefined, isOwner: false, scope: EVERYTHING };
}

/** The holder of a token. */
export function holderOf(claims: Claims): Caller {
	const { sub, role, scope, jti } = claims;
	// All who were given no name of their own have the same.
	const isShared = jti !== undefined && sub === defaultSubject(role);
	return {
		identity: isShared ? `token ${jti}` : `subject ${sub}`,
		claims,
		isOwner: false,
		scope: role === "admin" ? EVERYTHING : scope,
	};
}

/** What the holder of a token is called that was made for nobody in particular. */
export function defaultSubject(role: string): string {
	return `token:${role}`;
}

/** Whether somebody is there at all. */
export function isKnown({ claims, isOwner }: Caller): boolean {
	return isOwner || claims !== undefined;
}

/** Whether a caller has a permission. */
export function may({ claims, isOwner }: Caller, permission: Permission): boolean {
	return isOwner || (claims !== undefined && roleHas(claims.role, permission));
}
