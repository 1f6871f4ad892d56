import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";
import { repository } from "./program.ts";

/**
 * Which package may import which others: the table of CONTRIBUTING.md. Nothing points the other way, and no package
 * reaches past what another one exports.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
	core: [],
	db: ["core"],
	search: ["core", "db"],
	memory: ["core", "db", "search"],
	secrets: ["core"],
	sync: ["core", "db", "memory"],
	transfer: ["core", "db", "memory"],
	daemon: ["core", "db", "search", "memory", "secrets", "sync", "transfer"],
	cli: ["core", "db", "search", "secrets", "daemon", "transfer"],
};

/** What only the world may use; everybody else is handed it. */
const WORLD_ONLY: readonly (readonly [what: string, pattern: RegExp])[] = [
	["the clock", /\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(/],
	["a timer", /\bset(?:Timeout|Interval|Immediate)\(|\bBun\.sleep\(/],
	["randomness", /\bMath\.random\(|\bcrypto\.(?:randomUUID|getRandomValues)\(/],
	["the network", /(?<![.\w])fetch\(|\bnew WebSocket\(|\bBun\.dns\b|"node:(?:dns|net|tls|https?|http2|dgram)/],
	["a process", /\bBun\.spawn|\bprocess\.kill\(|node:child_process/],
];
/** What it takes of `node:net` is a list of addresses. */
const ADDRESSES_ONLY = join("packages", "daemon", "src", "auth", "sender.ts");
const WORLD_FILES = ["world.ts", "real-world.ts", "process-group.ts"].map((name) =>
	join("packages", "core", "src", name),
);

const packages = readdirSync(join(repository, "packages"));
const sources = packages.flatMap((name) => sourcesOf(name));

interface Source {
	readonly packageName: string;
	/** From the root of the repository. */
	readonly file: string;
	readonly text: string;
	readonly isTest: boolean;
}

function sourcesOf(packageName: string): Source[] {
	const folder = join("packages", packageName, "src");
	return readdirSync(join(repository, folder), { recursive: true, encoding: "utf8" })
		.filter((name) => name.endsWith(".ts"))
		.map((name) => join(folder, name))
		.map((file) => ({
			packageName,
			file,
			text: readFileSync(join(repository, file), "utf8"),
			isTest: file.endsWith(".test.ts") || file.includes(join("src", "testing")),
		}));
}

function importsOf({ text }: Source): string[] {
	const statements = /^(?:(?:import|export)\b[^"]*|\} )\bfrom "([^"]+)"|^import "([^"]+)"|\bimport\(\s*"([^"]+)"/gm;
	return [...text.matchAll(statements)].map(([, ...specifiers]) => specifiers.find(Boolean) ?? "");
}

test("every package stands in the table", () => {
	expect(packages.sort()).toEqual(Object.keys(MAY_IMPORT).sort());
});

describe("imports", () => {
	test("follow the arrows", () => {
		const wrong = sources.flatMap((source) =>
			importsOf(source)
				.flatMap((specifier) => /^@signet\/([^/]+)/.exec(specifier)?.[1] ?? [])
				.filter((imported) => !MAY_IMPORT[source.packageName]?.includes(imported))
				.map((imported) => `${source.file} imports ${imported}`),
		);
		expect(wrong).toEqual([]);
	});

	test("reach other packages by what these export, and stay inside their own", () => {
		const wrong = sources.flatMap((source) =>
			importsOf(source)
				.filter((specifier) => specifier.startsWith(".") || specifier.includes("/src/"))
				.filter((specifier) => {
					const target = join(source.file, "..", specifier);
					const own = join("packages", source.packageName);
					return !target.startsWith(own) || !existsSync(join(repository, target));
				})
				.map((specifier) => `${source.file} imports ${specifier}`),
		);
		expect(wrong).toEqual([]);
	});

	test("of testing code stand in testing code", () => {
		const wrong = sources
			.filter(({ isTest }) => !isTest)
			.filter((source) =>
				importsOf(source).some((specifier) => specifier.includes("testing") || specifier === "fast-check"),
			)
			.map(({ file }) => file);
		expect(wrong).toEqual([]);
	});

	test("name libraries that the package declares", () => {
		const manifest = z.object({ dependencies: z.optional(z.record(z.string(), z.string())) });
		const wrong = sources
			.filter(({ isTest }) => !isTest)
			.flatMap((source) => {
				const file = join(repository, "packages", source.packageName, "package.json");
				const { dependencies = {} } = manifest.parse(JSON.parse(readFileSync(file, "utf8")));
				return importsOf(source)
					.filter((specifier) => !/^(?:\.|node:|bun:|#|@signet\/)/.test(specifier))
					.filter((specifier) => !(packageOf(specifier) in dependencies))
					.map((specifier) => `${source.file} imports ${specifier}`);
			});
		expect(wrong).toEqual([]);
	});
});

test("time, chance, network and processes are reached through the world alone", () => {
	const wrong = sources
		.filter(({ file, isTest }) => !isTest && !WORLD_FILES.includes(file) && file !== ADDRESSES_ONLY)
		.flatMap(({ file, text }) =>
			WORLD_ONLY.filter(([, pattern]) => pattern.test(withoutComments(text))).map(([what]) => `${file} uses ${what}`),
		);
	expect(wrong).toEqual([]);
});

test("routes hold no SQL, and only the database package speaks it", () => {
	const wrong = sources
		.filter(({ packageName, isTest }) => packageName !== "db" && !isTest)
		.filter(({ text }) => /\bsql`\s*(?:SELECT (?!1`)|INSERT|UPDATE|DELETE|CREATE|DROP)/.test(text))
		.map(({ file }) => file);
	expect(wrong).toEqual([]);
});

test("no source file holds more than a reader can keep in mind", () => {
	const long = sources
		.filter(({ file, isTest }) => !isTest && !file.endsWith(".generated.ts") && !file.endsWith("reference-tables.ts"))
		.map(({ file, text }) => ({ file, lines: text.split("\n").length }))
		.filter(({ lines }) => lines > 400);
	expect(long).toEqual([]);
});

function packageOf(specifier: string): string {
	const [first = "", second = ""] = specifier.split("/");
	return first.startsWith("@") ? `${first}/${second}` : first;
}

function withoutComments(text: string): string {
	return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
}
