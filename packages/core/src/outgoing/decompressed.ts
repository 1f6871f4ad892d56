/** What a server may be told that we understand. */
export const ACCEPTED_ENCODINGS = "gzip, br";

const DECOMPRESSORS = {
	gzip: "createGunzip",
	"x-gzip": "createGunzip",
	deflate: "createInflate",
	br: "createBrotliDecompress",
} as const;

/**
 * The content of a body, a piece at a time, so that whoever reads it can stop when it becomes too much: a few kilobytes
 * may become gigabytes. Throws when it is compressed in a way that nobody asked for, or damaged.
 */
export function decompressed(body: AsyncIterable<Uint8Array>, encoding: string | undefined): AsyncIterable<Uint8Array> {
	const name = (encoding ?? "").trim().toLowerCase();
	if (name === "" || name === "identity") return body;
	if (!isKnown(name))
		throw new Error(`the answer is compressed in a way that is not understood (${name.slice(0, 40)})`);
	return unpack(body, DECOMPRESSORS[name]);
}

async function* unpack(
	body: AsyncIterable<Uint8Array>,
	create: (typeof DECOMPRESSORS)[keyof typeof DECOMPRESSORS],
): AsyncGenerator<Uint8Array> {
	// Three megabytes, which a daemon that asks nobody need not have.
	const [{ pipeline }, zlib] = await Promise.all([import("node:stream/promises"), import("node:zlib")]);
	const decompressor = zlib[create]();
	// What goes wrong with the body ends the reading below.
	const fed = pipeline(body, decompressor).catch((error: Error) => void decompressor.destroy(error));
	try {
		for await (const part of decompressor) yield part;
	} finally {
		decompressor.destroy();
		await fed;
	}
}

function isKnown(name: string): name is keyof typeof DECOMPRESSORS {
	return Object.hasOwn(DECOMPRESSORS, name);
}
