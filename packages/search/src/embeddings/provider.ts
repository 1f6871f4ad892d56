/** Some models want to be told which texts are questions and which are to be found. */
export type TextPurpose = "query" | "document";

/** Something that turns texts into vectors. */
export interface EmbeddingProvider {
	/** What made the vectors: only those of the same name can be compared. */
	readonly model: string;
	/**
	 * The name under which the reference knows the model. Undefined when its programs must not see the vectors, because
	 * they would compare them with those of other models.
	 */
	readonly referenceName: string | undefined;
	/**
	 * Whether vectors that stand under that name are taken for its own. Not where it tells the model what a text is for,
	 * which the reference does not.
	 */
	readonly takesStored?: boolean;
	/** Length of its vectors; undefined until it has made one. */
	readonly dimensions: number | undefined;
	/** What a cosine of 1 counts as evidence that a text is meant, from 0 to 1. */
	readonly weight: number;
	/** How many of the nearest by their codes hold at least 99 % of the ten nearest by their vectors (docs/decisions). */
	readonly compared: number;
	/** Texts that it takes at once. */
	readonly maxBatch: number;
	/** Why it makes no vectors at the moment, where that can be said without trying. */
	readonly problem?: string | undefined;
	/**
	 * The vectors of texts, in their order; undefined for a text that has none, such as one without words. Throws an
	 * `EmbeddingFailure` when it can make none at all.
	 */
	embed(texts: readonly string[], timeoutMs: number, purpose?: TextPurpose): Promise<EmbeddedTexts>;
}

/** Models that were trained know what texts mean. */
export const MODEL_WEIGHT = 0.6;
/** Every number of their vectors says something, and so does every bit of the codes. */
export const MODEL_COMPARED = 50;

export type EmbeddedTexts = readonly (Float32Array | undefined)[];

/** Vectors could not be made. The message says why, in words for the person who set the provider up. */
export class EmbeddingFailure extends Error {
	override readonly name = "EmbeddingFailure";
	constructor(
		message: string,
		/** The provider works but does not take these texts: sending them again will not help. */
		readonly isRefusal = false,
	) {
		super(message);
	}
}
