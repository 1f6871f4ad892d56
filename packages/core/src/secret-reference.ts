/**
 * Settings may name a secret in place of a value: `$secret:NAME`. The value is taken from the vault at the moment when
 * it is used, and the reference itself is sent to nobody.
 */

const PREFIX = "$secret:";
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Where the values behind references come from. */
export interface SecretSource {
	/** The value of a secret. Rejects with a `RequestError` that says why there is none. */
	resolve(name: string): Promise<string>;
	/** Goes up whenever a value may have changed. */
	readonly changes: number;
}

/** The name that a text refers to; undefined when it is no reference. Nobody has checked whether it can be a name. */
export function referredSecret(text: string): string | undefined {
	return text.startsWith(PREFIX) ? text.slice(PREFIX.length) : undefined;
}

/** Whether a secret can be called so: letters, digits and underscores, and no digit first. */
export function isSecretName(name: string): boolean {
	return NAME.test(name);
}
