import type { WorkspacePaths, World } from "@signet/core";
import type { Logger } from "../logs/logger.ts";
import type { AuthMode, FixedAuthSettings } from "./auth-settings.ts";
import { LocalAuthenticator, TokenAuthenticator } from "./authenticator.ts";
import { Guard } from "./guard.ts";
import { RateLimiter } from "./rate-limiter.ts";
import { SecurityLog } from "./security-log.ts";
import type { Tokens, TokensOptions } from "./tokens.ts";

export interface AuthOptions {
	readonly settings: FixedAuthSettings;
	readonly paths: WorkspacePaths;
	readonly world: Pick<World, "clock" | "random">;
	readonly logger: Logger;
}

/** Everything that decides who may do what, put together. */
export interface Auth {
	readonly mode: AuthMode;
	readonly guard: Guard;
	readonly limiter: RateLimiter;
	readonly log: SecurityLog;
	/** Undefined where none are asked for. */
	readonly tokens: Tokens | undefined;
	/** Take back what was laid out for the programs of this machine. */
	close(): void;
}

/** Throws a `StartupError` when the files of tokens are not what they should be. */
export function openAuth({ settings, paths, world, logger }: AuthOptions): Auth {
	const { mode, proxies, rateLimits: limits } = settings;
	const { clock } = world;
	const tokens = mode === "local" ? undefined : openTokens({ paths, world, settings });
	const authenticator =
		mode === "local" || !tokens
			? new LocalAuthenticator(proxies)
			: new TokenAuthenticator({ mode, tokens, proxies, clock });
	const limiter = new RateLimiter({ mode, limits, clock });
	const log = new SecurityLog(logger, clock);
	tokens?.issueClientToken();
	return {
		mode,
		guard: new Guard({ authenticator, limiter, log }),
		limiter,
		log,
		tokens,
		close: () => tokens?.removeClientToken(),
	};
}

/** At once, but only where tokens are asked for: the daemon is to be small. */
function openTokens(options: TokensOptions): Tokens {
	const library: typeof import("./tokens.ts") = require("./tokens.ts");
	return new library.Tokens(options);
}
