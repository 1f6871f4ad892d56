import { rmSync } from "node:fs";
import { EVERYTHING, invalidRequest, isoTime, isScoped, type WorkspacePaths, type World } from "@signet/core";
import { writeDurably } from "../workspace/runtime-files.ts";
import { type AuthSecret, nameOfKey, openAuthSecret, rotateAuthSecret } from "./auth-secret.ts";
import { defaultSubject } from "./caller.ts";
import type { Role } from "./permissions.ts";
import { type Claims, signToken, type Verified, verifyToken } from "./token.ts";
import { type TokenRecord, TokenRegistry } from "./token-registry.ts";

export interface TokensOptions {
	readonly paths: Pick<
		WorkspacePaths,
		"authSecretFile" | "previousAuthSecretFile" | "authTokensFile" | "clientTokenFile"
	>;
	readonly world: Pick<World, "clock" | "random">;
	readonly settings: {
		readonly defaultTokenTtlSeconds: number;
		readonly maxTokenTtlSeconds: number;
		/** Whether only administrators may have a token without a scope. */
		readonly requireScope: boolean;
	};
}

/** What a token is to say. */
export interface TokenRequest extends Pick<Claims, "role" | "scope"> {
	/** Whose it is; by its role, when it is left out. */
	readonly sub?: string | undefined;
	/** How long it holds; as configured, when it is left out. */
	readonly ttlSeconds?: number | undefined;
}

export interface IssuedToken {
	/** Shown this once, and kept nowhere. */
	readonly token: string;
	readonly jti: string;
	/** ISO-8601 UTC. */
	readonly expiresAt: string;
}

/** A token as it is listed; `stale` when the key that marked it is gone. */
export interface ListedToken extends Omit<TokenRecord, "hash" | "key"> {
	readonly state: "valid" | "revoked" | "expired" | "stale";
}

/** Whom the command line of this machine counts as. */
const CLIENT_SUBJECT = "owner";
const CLIENT_TTL_S = 366 * 86_400;

/** The tokens of a workspace: making, judging, listing and ending them. */
export class Tokens {
	readonly #registry: TokenRegistry;
	#secret: AuthSecret;
	/** The one token that holds for as long as this process, and is listed nowhere. */
	#clientJti: string | undefined;

	/** Throws a `StartupError` for files that are not what they should be. */
	constructor(private readonly options: TokensOptions) {
		this.#secret = openAuthSecret(options.paths, options.world);
		this.#registry = TokenRegistry.open(options.paths.authTokensFile);
	}

	/** What a token says, if it holds now. */
	verify(token: string): Verified {
		const nowMs = this.options.world.clock.now();
		const verified = verifyToken(token, this.#keysAt(nowMs), nowMs / 1_000);
		if (!verified.claims) return verified;
		const { jti, role, scope } = verified.claims;
		if (jti !== undefined && jti !== this.#clientJti) {
			const record = this.#registry.find(jti);
			if (!record || record.hash !== hashOf(token)) return { problem: "unknown token" };
			if (record.revokedAt !== null) return { problem: "token revoked" };
		}
		if (this.options.settings.requireScope && role !== "admin" && !isScoped(scope)) {
			return { problem: "a token without scope is not accepted here" };
		}
		return verified;
	}

	/** Make a token. Throws for one that would hold too long, or sees more than is allowed here. */
	issue({ role, scope, sub = defaultSubject(role), ttlSeconds }: TokenRequest, issuedBy: string): IssuedToken {
		const { settings, world } = this.options;
		if (settings.requireScope && role !== "admin" && !isScoped(scope)) {
			throw invalidRequest("scope is required for every role but admin (auth.requireScope)");
		}
		const ttl = ttlSeconds ?? Math.min(settings.defaultTokenTtlSeconds, settings.maxTokenTtlSeconds);
		if (!(ttl <= settings.maxTokenTtlSeconds)) {
			throw invalidRequest(
				`ttlSeconds may be at most ${settings.maxTokenTtlSeconds} (auth.maxTokenTtlSeconds); tokens can be made again`,
			);
		}
		const jti = world.random.uuid();
		const claims = this.#claims({ role, scope, sub, jti }, ttl);
		const token = signToken(claims, this.#secret.current);
		const expiresAt = isoTime(claims.exp * 1_000);
		const record: TokenRecord = {
			jti,
			hash: hashOf(token),
			sub,
			role,
			scope: { ...scope },
			issuedAt: isoTime(claims.iat * 1_000),
			expiresAt,
			issuedBy,
			key: nameOfKey(this.#secret.current),
			revokedAt: null,
		};
		this.#registry.add(record, isoTime(world.clock.now()));
		return { token, jti, expiresAt };
	}

	/** All that were made and are not over for long, the latest first. */
	list(): ListedToken[] {
		const nowMs = this.options.world.clock.now();
		const now = isoTime(nowMs);
		const keys = this.#keysAt(nowMs).map(nameOfKey);
		return this.#registry.list().map(({ hash: _, key, ...record }) => {
			const state = record.revokedAt !== null ? "revoked" : record.expiresAt <= now ? "expired" : undefined;
			return { ...record, state: state ?? (keys.includes(key) ? "valid" : "stale") };
		});
	}

	/** Let a token hold no longer; false when there is none of that id, or it was revoked before. */
	revoke(jti: string): boolean {
		return this.#registry.revoke(jti, isoTime(this.options.world.clock.now()));
	}

	/** Take another key; tokens of the one until now hold for the grace. Gives when that ends, ISO-8601 UTC. */
	rotate(graceSeconds: number): string {
		const { paths, world } = this.options;
		const untilMs = world.clock.now() + graceSeconds * 1_000;
		this.#secret = rotateAuthSecret(paths, this.#secret, untilMs, world);
		if (this.#clientJti !== undefined) this.issueClientToken();
		return isoTime(untilMs);
	}

	/** Lay the token of this machine's programs where only its user can read it. It holds for as long as this process. */
	issueClientToken(): void {
		const { paths, world } = this.options;
		this.#clientJti = world.random.uuid();
		const role: Role = "admin";
		const claims = this.#claims({ role, scope: EVERYTHING, sub: CLIENT_SUBJECT, jti: this.#clientJti }, CLIENT_TTL_S);
		writeDurably(paths.clientTokenFile, signToken(claims, this.#secret.current));
	}

	removeClientToken(): void {
		this.#clientJti = undefined;
		rmSync(this.options.paths.clientTokenFile, { force: true });
	}

	#claims(claims: Pick<Claims, "role" | "scope" | "sub"> & { readonly jti: string }, ttlSeconds: number): Claims {
		const iat = Math.floor(this.options.world.clock.now() / 1_000);
		return { ...claims, iat, exp: iat + ttlSeconds };
	}

	#keysAt(nowMs: number): Uint8Array[] {
		const { current, previous } = this.#secret;
		return previous && nowMs < previous.untilMs ? [current, previous.key] : [current];
	}
}

function hashOf(token: string): string {
	return new Bun.CryptoHasher("sha256").update(token).digest("hex");
}
