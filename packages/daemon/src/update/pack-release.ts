import { createHash, type KeyObject, sign } from "node:crypto";

export interface Packing {
	readonly version: string;
	/** `process.platform` and `process.arch`, with a dash between. */
	readonly machine: string;
	readonly executable: Uint8Array;
	/** Ed25519; it never leaves the machine of the makers. */
	readonly privateKey: KeyObject;
}

/** The package of a release, to be published: what `openPackage` takes. A gzipped tar as npm has them. */
export async function packRelease({ version, machine, executable, privateKey }: Packing): Promise<Uint8Array> {
	const sha256 = createHash("sha256").update(executable).digest("hex");
	const statement = Buffer.from(`${JSON.stringify({ name: "signet", version, machine, sha256 })}\n`);
	const [platform = "", architecture = ""] = machine.split("-");
	const manifest = {
		name: `signetai-${machine}`,
		version,
		description: `Signet for ${machine}: the executable, and what its makers say of it`,
		license: "Apache-2.0",
		os: [platform],
		cpu: [architecture],
	};
	const archive = new Bun.Archive(
		{
			"package/package.json": `${JSON.stringify(manifest, null, 2)}\n`,
			"package/release.json": statement,
			"package/release.json.sig": `${sign(null, statement, privateKey).toString("base64")}\n`,
			[platform === "win32" ? "package/bin/signet.exe" : "package/bin/signet"]: executable,
		},
		{ compress: "gzip" },
	);
	return archive.bytes();
}
