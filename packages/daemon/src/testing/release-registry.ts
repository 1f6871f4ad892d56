import { createHash, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { packRelease } from "../update/pack-release.ts";

/** A stand-in for the registry that releases are published in. */
export interface ReleaseRegistry extends AsyncDisposable {
	readonly url: string;
	/** The key that its releases are signed with, as `SIGNET_UPDATE_KEY` has it. */
	readonly key: string;
	readonly privateKey: KeyObject;
	/** Paths that were asked for. */
	readonly asked: string[];
	/** What it answers instead, for a path; for whoever wants it to lie. */
	readonly lies: Map<string, () => Response>;
	/** Publish a version, and have a channel mean it. */
	publish(version: string, release: Published): Promise<void>;
}

export interface Published {
	readonly executable?: Uint8Array;
	/** The package itself, if it is not to be what it should. */
	readonly tarball?: Uint8Array;
	readonly publishedAt?: string;
	readonly channel?: string;
	readonly integrity?: string | undefined;
	readonly address?: string;
}

export const MACHINE = `${process.platform}-${process.arch}`;

export async function startReleaseRegistry(): Promise<ReleaseRegistry> {
	const { privateKey, publicKey } = generateKeyPairSync("ed25519");
	const asked: string[] = [];
	const lies = new Map<string, () => Response>();
	const tarballs = new Map<string, Uint8Array>();
	const document = {
		"dist-tags": {} as Record<string, string>,
		versions: {} as Record<string, unknown>,
		time: {} as Record<string, string>,
	};
	const server = Bun.serve({
		hostname: "127.0.0.1",
		port: 0,
		fetch(request) {
			const { pathname } = new URL(request.url);
			asked.push(pathname);
			const lie = lies.get(pathname);
			if (lie) return lie();
			if (pathname === `/signetai-${MACHINE}`) return Response.json(document);
			const tarball = tarballs.get(pathname);
			return tarball ? new Response(tarball) : new Response("not found", { status: 404 });
		},
	});
	const url = `http://127.0.0.1:${server.port}`;
	return {
		url,
		key: rawKeyOf(publicKey),
		privateKey,
		asked,
		lies,
		async publish(version, { executable = new Uint8Array(), channel = "latest", publishedAt, address, ...rest }) {
			const tarball = rest.tarball ?? (await packRelease({ version, machine: MACHINE, executable, privateKey }));
			const path = `/signetai-${MACHINE}/-/${version}.tgz`;
			tarballs.set(path, tarball);
			const digest = createHash("sha512").update(tarball).digest("base64");
			const integrity = "integrity" in rest ? rest.integrity : `sha512-${digest}`;
			document.versions[version] = { version, dist: { tarball: address ?? url + path, integrity } };
			document["dist-tags"][channel] = version;
			if (publishedAt !== undefined) document.time[version] = publishedAt;
		},
		async [Symbol.asyncDispose]() {
			await server.stop(true);
		},
	};
}

/** The 32 bytes of a key in base64. */
export function rawKeyOf(key: KeyObject): string {
	const publicKey = key.type === "private" ? createPublicKey(key) : key;
	return publicKey.export({ format: "der", type: "spki" }).subarray(-32).toString("base64");
}
