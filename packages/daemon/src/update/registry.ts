import { messageOf } from "@signet/core";
import type { OutgoingWorld, Reach } from "@signet/core/outgoing";
import * as z from "zod/mini";
import { UpdateProblem } from "./update-problem.ts";
import { isExactVersion } from "./version.ts";

/** Where releases are published, unless `SIGNET_UPDATE_URL` names another place of the same kind. */
const PUBLIC_REGISTRY = "https://registry.npmjs.org";
const TIMEOUT_MS = 10_000;
/** The document of a package names all its versions. */
const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;

export type Channel = "latest" | "next";

/** A version that can be had. */
export interface Release {
	readonly version: string;
	/** ISO-8601 UTC, where the registry says so. */
	readonly publishedAt: string | undefined;
	readonly tarball: string;
	/** `sha512-` and the digest in base64 (https://www.w3.org/TR/SRI/). */
	readonly integrity: string;
}

const packageDocument = () =>
	z.object({
		"dist-tags": z.record(z.string(), z.string()),
		versions: z.record(
			z.string(),
			z.object({
				version: z.string(),
				dist: z.object({ tarball: z.string(), integrity: z.optional(z.string()) }),
			}),
		),
		time: z.optional(z.record(z.string(), z.string())),
	});

export interface RegistryOptions {
	readonly world: OutgoingWorld;
	readonly env: Readonly<Record<string, string | undefined>>;
	/** As Node names them; one package for each. */
	readonly platform: string;
	readonly architecture: string;
}

/** The releases of this program for one kind of machine, as a registry like npm's has them. */
export class Registry {
	readonly url: string;
	/** The name of the package that has the executable for this kind of machine. */
	readonly packageName: string;

	constructor(private readonly options: RegistryOptions) {
		this.url = (options.env.SIGNET_UPDATE_URL || PUBLIC_REGISTRY).replace(/\/$/, "");
		this.packageName = `signetai-${options.platform}-${options.architecture}`;
	}

	/** The newest version of a channel. Rejects with an `UpdateProblem`. */
	async newest(channel: Channel): Promise<Release> {
		const document = await this.#document();
		const version = document["dist-tags"][channel] ?? document["dist-tags"].latest;
		if (version === undefined) throw new UpdateProblem(`${this.packageName} has no version in the channel ${channel}`);
		return this.#releaseOf(document, version);
	}

	/** A version by its number. Rejects with an `UpdateProblem`. */
	async release(version: string): Promise<Release> {
		return this.#releaseOf(await this.#document(), version);
	}

	/** Where an address that the registry names may lead: to itself, or to servers of the internet that prove who they are. */
	reachOf(address: string): Reach {
		const isOwn = URL.canParse(address) && new URL(address).origin === new URL(this.url).origin;
		return isOwn ? { ports: "any", privateHosts: "any", isProved: true } : { isProved: true };
	}

	#releaseOf(document: z.infer<ReturnType<typeof packageDocument>>, version: string): Release {
		const found = Object.hasOwn(document.versions, version) ? document.versions[version] : undefined;
		if (!isExactVersion(version) || found?.version !== version) {
			throw new UpdateProblem(`There is no version ${JSON.stringify(version.slice(0, 50))} of ${this.packageName}`);
		}
		const { tarball, integrity } = found.dist;
		if (integrity === undefined || !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity)) {
			throw new UpdateProblem(`Version ${version} is published without a SHA-512, so it cannot be verified`);
		}
		return { version, tarball, integrity, publishedAt: timeOf(document.time?.[version]) };
	}

	async #document(): Promise<z.infer<ReturnType<typeof packageDocument>>> {
		// What looks for updates once a day must not be in the daemon's memory all day.
		const { ask, contentOf } = await import("@signet/core/outgoing");
		const address = `${this.url}/${this.packageName}`;
		try {
			const answer = await ask(this.options.world, address, {
				reach: this.reachOf(address),
				headers: { accept: "application/json", "user-agent": "signet" },
				maxBytes: MAX_DOCUMENT_BYTES,
				timeoutMs: TIMEOUT_MS,
			});
			if (answer.status !== 200) {
				await answer.discard();
				if (answer.status !== 404) throw new Error(`it answered ${answer.status}`);
				throw new UpdateProblem(
					`Nothing is published at ${this.url} for this kind of machine: it has no ${this.packageName}`,
				);
			}
			return packageDocument().parse(JSON.parse(Buffer.from(await contentOf(answer)).toString()));
		} catch (error) {
			if (error instanceof UpdateProblem) throw error;
			const why = error instanceof z.core.$ZodError ? "its answer is not understood" : messageOf(error);
			throw new UpdateProblem(`The registry ${this.url} could not be asked: ${why}`);
		}
	}
}

function timeOf(text: string | undefined): string | undefined {
	const time = Date.parse(text ?? "");
	return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}
