import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { extname, join, resolve } from "node:path";
import { ExitCode, isoTime } from "@signet/core";
import { realWorld } from "@signet/core/world";
import { BUNDLE_FILES, BUNDLE_VERSION, CARRIED, IDENTITY_FILES, MANIFEST } from "@signet/transfer/formats";
import { exportAnswer } from "../answers.ts";
import { connect, type DaemonClient } from "../client.ts";
import { type CommonOptions, workspaceOf } from "../environment.ts";
import { CommandError } from "../failure.ts";
import { ProgressBar } from "../progress-bar.ts";
import { plural, style } from "../terminal.ts";

const PAGE = 500;

/** `signet export [PATH]`: all memories with their past, into a folder, or one file whose name ends in `.json`. */
export async function exportTo(path: string | undefined, options: CommonOptions): Promise<ExitCode> {
	const exportedAt = isoTime(realWorld.clock.now());
	const target = resolve(path ?? `signet-export-${exportedAt.slice(0, 10)}`);
	const isOneFile = extname(target) === ".json";
	if (existsSync(target) && (isOneFile || readdirSync(target).length > 0)) {
		throw new CommandError(`${target} is there already`, ExitCode.conflict, "Name another place, or remove it first.");
	}
	const bundle = isOneFile ? new OneFile(target) : new Folder(target);
	const counts = await writeRows(connect(options), bundle, options);
	for (const [name, text] of options.url === undefined ? identityOf(workspaceOf(options).root) : []) {
		bundle.append(`identity/${name}`, text);
	}
	const manifest = {
		version: BUNDLE_VERSION,
		exportedAt,
		stats: {
			memories: counts.memory,
			events: counts.event,
			entities: counts.entity,
			relations: counts.relation,
			mentions: counts.mention,
			skills: 0,
		},
		checksums: bundle.checksums(),
	};
	bundle.append(MANIFEST, JSON.stringify(manifest, null, 2));
	bundle.close();
	if (options.json) console.log(JSON.stringify({ path: target, ...manifest.stats }, null, 2));
	else {
		const { memory, event } = counts;
		console.log(`${style.good("✓")} ${plural(memory, "memory", "memories")} with ${plural(event, "event", "events")}`);
		console.log(`  ${target}`);
	}
	return ExitCode.ok;
}

type Counts = Record<(typeof CARRIED)[number], number>;

async function writeRows(client: DaemonClient, bundle: Bundle, { json }: CommonOptions): Promise<Counts> {
	const counts: Counts = { memory: 0, event: 0, entity: 0, relation: 0, mention: 0 };
	const bar = new ProgressBar("exporting", { isQuiet: json ?? false });
	for (const kind of CARRIED) {
		bundle.append(BUNDLE_FILES[kind], "");
		for (let after: number | undefined = 0; after !== undefined; ) {
			const page: ReturnType<typeof exportAnswer.parse> = exportAnswer.parse(
				await client.get(`/api/export/${kind}?after=${after}&limit=${PAGE}`),
			);
			if (page.rows.length > 0) {
				const lines = page.rows.map((row) => JSON.stringify(row)).join("\n");
				bundle.append(BUNDLE_FILES[kind], counts[kind] === 0 ? lines : `\n${lines}`);
			}
			counts[kind] += page.rows.length;
			after = page.next;
			bar.show(plural(counts[kind], "row", "rows"), undefined, realWorld.clock.monotonicMs());
		}
	}
	bar.end();
	return counts;
}

function identityOf(root: string): [name: string, text: string][] {
	const names = IDENTITY_FILES.filter((name) => existsSync(join(root, name)));
	return names.map((name) => [name, readFileSync(join(root, name), "utf8")]);
}

/** Named texts that are written as they come. */
interface Bundle {
	append(name: string, text: string): void;
	/** SHA-256 of each text so far, by its name. */
	checksums(): Record<string, string>;
	close(): void;
}

class Checksums {
	readonly #hashers = new Map<string, Bun.CryptoHasher>();

	update(name: string, text: string): void {
		const hasher = this.#hashers.get(name) ?? new Bun.CryptoHasher("sha256");
		this.#hashers.set(name, hasher.update(text));
	}

	toJSON(): Record<string, string> {
		return Object.fromEntries([...this.#hashers].map(([name, hasher]) => [name, hasher.copy().digest("hex")]));
	}
}

class Folder implements Bundle {
	readonly #checksums = new Checksums();

	constructor(private readonly folder: string) {}

	append(name: string, text: string): void {
		const file = join(this.folder, name);
		mkdirSync(join(file, ".."), { recursive: true, mode: 0o700 });
		appendFileSync(file, text, { mode: 0o600 });
		this.#checksums.update(name, text);
	}

	checksums(): Record<string, string> {
		return this.#checksums.toJSON();
	}

	close(): void {
		// All of it is written.
	}
}

/** The same as the members of one JSON object. */
class OneFile implements Bundle {
	readonly #texts = new Map<string, string[]>();
	readonly #checksums = new Checksums();

	constructor(private readonly file: string) {}

	append(name: string, text: string): void {
		const parts = this.#texts.get(name) ?? [];
		this.#texts.set(name, parts);
		parts.push(text);
		this.#checksums.update(name, text);
	}

	checksums(): Record<string, string> {
		return this.#checksums.toJSON();
	}

	close(): void {
		const members = Object.fromEntries([...this.#texts].map(([name, parts]) => [name, parts.join("")]));
		writeFileSync(this.file, JSON.stringify(members, null, 2), { mode: 0o600 });
	}
}
