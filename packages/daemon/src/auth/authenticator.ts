import type { World } from "@signet/core";
import { type Caller, holderOf, LOCAL_CALLER, nobodyAt, ownerAt } from "./caller.ts";
import { FailedLogins } from "./failed-logins.ts";
import { tooManyRequests } from "./rate-limiter.ts";
import { unauthenticated } from "./refusal.ts";
import { type SentRequest, senderOf, type TrustedProxies } from "./sender.ts";
import type { Tokens } from "./tokens.ts";

/** Finds out who sends a request. */
export interface Authenticator {
	/** Throws a `Refusal` for a token that does not hold. Whoever comes without one may be nobody in particular. */
	identify(request: SentRequest): Caller;
	/** Where a request comes from, for the log. */
	addressOf(request: SentRequest): string;
}

/** Where no tokens are asked for, none are looked at. */
export class LocalAuthenticator implements Authenticator {
	constructor(private readonly proxies: TrustedProxies) {}

	identify(): Caller {
		return LOCAL_CALLER;
	}

	addressOf(request: SentRequest): string {
		return senderOf(request, this.proxies).address;
	}
}

export interface TokenAuthenticatorOptions {
	/** In `hybrid`, whoever sits at this machine needs no token. */
	readonly mode: "team" | "hybrid";
	readonly tokens: Pick<Tokens, "verify">;
	readonly proxies: TrustedProxies;
	readonly clock: World["clock"];
}

/** By tokens. One that is presented has to hold, wherever it comes from. */
export class TokenAuthenticator implements Authenticator {
	readonly #failures: FailedLogins;

	constructor(private readonly options: TokenAuthenticatorOptions) {
		this.#failures = new FailedLogins(options.clock);
	}

	identify(request: SentRequest): Caller {
		const { mode, tokens, proxies } = this.options;
		const token = bearerOf(request.headers);
		if (token === undefined) {
			const { address, isHere } = senderOf(request, proxies);
			return mode === "hybrid" && isHere ? ownerAt(address) : nobodyAt(address);
		}
		const { claims, problem } = tokens.verify(token);
		if (claims) return holderOf(claims);
		throw this.#refusal(problem, request);
	}

	addressOf(request: SentRequest): string {
		return senderOf(request, this.options.proxies).address;
	}

	#refusal(problem: string, request: SentRequest): Error {
		const waitMs = this.#failures.add(this.addressOf(request));
		if (waitMs === 0) return unauthenticated(problem);
		return tooManyRequests("too many tokens that do not hold", waitMs, this.options.clock.now());
	}
}

/** The token in `Authorization`; nothing but `Bearer`, one blank and the token is one. */
function bearerOf(headers: Headers): string | undefined {
	const parts = (headers.get("authorization") ?? "").split(" ");
	return parts.length === 2 && parts[0] === "Bearer" ? parts[1] : undefined;
}
