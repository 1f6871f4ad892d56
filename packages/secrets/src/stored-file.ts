import { isSecretName } from "@signet/core";

/** The file is not a store of version 1. The message says what is wrong, and quotes nothing of what is in it. */
export class MalformedStore extends Error {
	override readonly name = "MalformedStore";
}

/** A secret as it is stored. Fields of other programs, and ours that they do not know, stand beside these three. */
export interface StoredSecret {
	readonly ciphertext: string;
	/** ISO-8601 UTC with milliseconds. */
	readonly created: string;
	readonly updated: string;
	readonly [field: string]: unknown;
}

const VERSION = 1;
const SECRETS = "secrets";

/**
 * What stands in a store of version 1, in the order in which it stands there. Nothing is lost on the way through: fields
 * that are not ours come out as they went in. A change gives a new one.
 */
export class StoredFile {
	static readonly empty = new StoredFile(
		new Map<string, unknown>([
			["version", VERSION],
			[SECRETS, {}],
		]),
		new Map(),
	);

	private constructor(
		/** All fields at the top; what stands under `secrets` counts for its place alone. */
		private readonly fields: ReadonlyMap<string, unknown>,
		/** By name, the oldest first. */
		readonly secrets: ReadonlyMap<string, StoredSecret>,
	) {}

	/** Read a store. Throws a `MalformedStore` for whatever is none. */
	static parse(text: string): StoredFile {
		const given = objectOf(jsonOf(text), "it is no JSON object");
		if (given.version !== VERSION) {
			throw new MalformedStore(
				typeof given.version === "number" && given.version > VERSION
					? "a later version of the program has written it"
					: "it does not say that it is a store of version 1",
			);
		}
		const entries = Object.entries(objectOf(given[SECRETS], "it has no secrets"));
		return new StoredFile(
			new Map(Object.entries(given)),
			new Map(entries.map(([name, secret], at) => [name, storedSecret(name, secret, at)])),
		);
	}

	/** What the store keeps at the top under a name of ours. */
	field(name: string): unknown {
		return this.fields.get(name);
	}

	/** The same with another value at the top; undefined takes it away. */
	withField(name: string, value: unknown): StoredFile {
		const fields = new Map(this.fields);
		if (value === undefined) fields.delete(name);
		else fields.set(name, value);
		return new StoredFile(fields, this.secrets);
	}

	/** The same with a secret; one that takes the place of another has its place. */
	withSecret(name: string, secret: StoredSecret): StoredFile {
		return new StoredFile(this.fields, new Map(this.secrets).set(name, secret));
	}

	/** The same without a secret. */
	withoutSecret(name: string): StoredFile {
		const secrets = new Map(this.secrets);
		secrets.delete(name);
		return new StoredFile(this.fields, secrets);
	}

	/** The text of the file, byte for byte what the earlier daemon would write. */
	get text(): string {
		const fields = [...this.fields].map(([name, value]) => [
			name,
			// Built from pairs, every name is a field, also `__proto__`.
			name === SECRETS ? Object.fromEntries(this.secrets) : value,
		]);
		return JSON.stringify(Object.fromEntries(fields), null, 2);
	}
}

function jsonOf(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		throw new MalformedStore(text.trim() === "" ? "it is empty" : "it is no JSON, or a part of it is missing");
	}
}

function objectOf(value: unknown, otherwise: string): Record<string, unknown> {
	if (!isObject(value)) throw new MalformedStore(otherwise);
	return value;
}

function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

function storedSecret(name: string, value: unknown, at: number): StoredSecret {
	if (!isSecretName(name)) throw new MalformedStore(`secret ${at + 1} has no name that a secret can have`);
	if (!isObject(value)) throw new MalformedStore(`secret ${name} is no object`);
	const { ciphertext, created, updated } = value;
	if (typeof ciphertext !== "string" || typeof created !== "string" || typeof updated !== "string") {
		throw new MalformedStore(`secret ${name} lacks its ciphertext or its times`);
	}
	return { ...value, ciphertext, created, updated };
}
