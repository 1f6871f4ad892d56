/**
 * `npm run pack:release`: the package of `dist/signet` for this machine, as `signet update` takes it from a registry.
 * `SIGNET_SIGNING_KEY` names the file of the makers' Ed25519 private key (PEM). Publish what it makes with
 * `npm publish dist/signetai-….tgz`; the public key goes into the next build as `SIGNET_RELEASE_KEY`.
 */
import { createPrivateKey, createPublicKey } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import manifest from "../package.json" with { type: "json" };
import { packRelease } from "../packages/daemon/src/update/pack-release.ts";
import { root } from "./steps.ts";

const keyFile = process.env.SIGNET_SIGNING_KEY;
if (!keyFile) throw new Error("SIGNET_SIGNING_KEY names no file with an Ed25519 private key");
const privateKey = createPrivateKey(readFileSync(keyFile));
const machine = `${process.platform}-${process.arch}`;
const executable = readFileSync(join(root, "dist", process.platform === "win32" ? "signet.exe" : "signet"));
const file = join(root, "dist", `signetai-${machine}-${manifest.version}.tgz`);
writeFileSync(file, await packRelease({ version: manifest.version, machine, executable, privateKey }));
const raw = createPublicKey(privateKey).export({ format: "der", type: "spki" }).subarray(-32).toString("base64");
console.log(`${file}\nsigned with the key ${raw}`);
