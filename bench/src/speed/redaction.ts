import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { realWorld } from "@signet/core/world";
import { RedactingStream, ValueFinder, VaultGuard } from "@signet/secrets";
import { repository } from "../running-daemon.ts";
import { type Figure, ms, table } from "./figure.ts";

const SECRETS = 100;
/** Of a memory, or an entry of the log that is long. */
const TEXT_CHARS = 2_000;
const TOTAL_CHARS = 8_000_000;
const CHUNK_BYTES = 65_536;
const ROUNDS = 12;
const TARGET = "≥ 200 MB/s";
/** As commands have them. */
const LIMITS = { minValueChars: 4, minLineChars: 8, areLinesMixed: false };

/** How quickly values are found in texts on their way into memory and in what commands print. */
export async function measureRedaction(): Promise<Figure[]> {
	const values = secretValues();
	const vault = { values: async () => values, changeCount: () => 0 };
	const guard = new VaultGuard({ vault, world: realWorld, onProblem: () => undefined });
	const begunAt = performance.now();
	const cleaner = await guard.ready();
	const loadedMs = performance.now() - begunAt;
	const finder = await ValueFinder.of([...values.values()], LIMITS, realWorld);
	if (!finder) throw new Error("there is nothing to look for");
	const prose = proseOf(TOTAL_CHARS);
	const base64 = Buffer.from(realWorld.random.bytes((TOTAL_CHARS * 3) / 4)).toString("base64");
	const floor = floorOf(prose, [...values.values()][0] ?? "");
	const inTexts = (text: string) => {
		const texts = piecesOf(text);
		return speedOf(Buffer.byteLength(text), () => {
			for (const each of texts) cleaner.clean(each);
		});
	};
	const full = piecesOf(prose).map((text, at) => `${text}${[...values.values()][at % SECRETS]}`);
	const row = (what: string, figure: number, target = TARGET) => ({ what, figure: mbPerSecond(figure), target, floor });
	return [
		row(
			`${SECRETS} secrets in all encodings, looked for in texts of ${TEXT_CHARS.toLocaleString("en")} characters`,
			inTexts(prose),
		),
		row("the same in texts of base64", inTexts(base64)),
		row("the same in what a command prints, 64 KB at a time", speedOfStream(finder, Buffer.from(prose))),
		row(
			`the same with a value in each ${TEXT_CHARS.toLocaleString("en")} characters, which is replaced`,
			speedOf(Buffer.byteLength(full.join("")), () => {
				for (const each of full) cleaner.clean(each);
			}),
			"",
		),
		{ what: `taking the fingerprints of ${SECRETS} secrets, the first time`, figure: ms(loadedMs) },
	];
}

/** Keys as services give them, passwords, and files of several lines. */
function secretValues(): Map<string, string> {
	const random = (bytes: number) => Buffer.from(realWorld.random.bytes(bytes));
	const kinds: readonly ((at: number) => string)[] = [
		(at) => `correct horse ${at} battery "staple" & ${random(6).toString("base64")}`,
		() => Array.from({ length: 10 }, () => random(48).toString("base64")).join("\n"),
		() => `sk_live_${random(18).toString("base64url")}`,
		() => random(20).toString("hex"),
		() => `postgres://app:${random(12).toString("base64url")}@db.example.com/app`,
	];
	return new Map(Array.from({ length: SECRETS }, (_, at) => [`SECRET_${at}`, kinds[at % kinds.length]?.(at) ?? ""]));
}

/** Documents of this repository, as long as is wanted. */
function proseOf(chars: number): string {
	const folder = join(repository, "docs");
	const documents = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".md"));
	const text = documents.map((name) => readFileSync(join(folder, name), "utf8")).join("\n");
	return text.repeat(Math.ceil(chars / text.length)).slice(0, chars);
}

/** Flat texts, as they come out of a request. */
function piecesOf(text: string): string[] {
	const decoder = new TextDecoder();
	return Array.from({ length: Math.ceil(text.length / TEXT_CHARS) }, (_, at) =>
		decoder.decode(Buffer.from(text.slice(at * TEXT_CHARS, (at + 1) * TEXT_CHARS))),
	);
}

function speedOfStream(finder: ValueFinder, bytes: Uint8Array): number {
	return speedOf(bytes.length, () => {
		const stream = new RedactingStream(finder, "[REDACTED]");
		for (let at = 0; at < bytes.length; at += CHUNK_BYTES) stream.push(bytes.subarray(at, at + CHUNK_BYTES));
		stream.end();
	});
}

/** What the machine gives to a program that only copies, or looks for one value as it is. */
function floorOf(text: string, value: string): string {
	const bytes = Buffer.from(text);
	const target = Buffer.alloc(bytes.length);
	const copied = speedOf(bytes.length, () => bytes.copy(target));
	const texts = piecesOf(text);
	const sought = speedOf(bytes.length, () => {
		for (const each of texts) each.includes(value);
	});
	return `copying ${mbPerSecond(copied)}, one value as it is ${mbPerSecond(sought)}`;
}

/** Bytes a second, in the best of some rounds: others may want the machine too. */
function speedOf(bytes: number, work: () => void): number {
	let bestMs = Number.POSITIVE_INFINITY;
	for (let round = 0; round < ROUNDS; round++) {
		const begunAt = performance.now();
		work();
		bestMs = Math.min(bestMs, performance.now() - begunAt);
	}
	return (1_000 * bytes) / bestMs;
}

function mbPerSecond(bytes: number): string {
	return `${Math.round(bytes / 1e6).toLocaleString("en")} MB/s`;
}

if (import.meta.main) console.log(table(await measureRedaction()));
