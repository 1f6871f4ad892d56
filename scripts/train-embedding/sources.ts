import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * What the word vectors are learned from: packages of Debian 12 whose licence asks for a notice, or at most that changes
 * of its own files be given on (docs/decisions/0012). They are fetched from the archive when the vectors are trained;
 * nothing of them is in this repository.
 */

export interface Source {
	readonly packageName: string;
	/** As its `/usr/share/doc/PACKAGE/copyright` says. */
	readonly licence: string;
}

/** How often which word follows which in American English: news, films, talk. */
export const TRIGRAMS: Source = { packageName: "pocketsphinx-en-us", licence: "BSD-2-Clause" };

/** Words, what they mean, and which of them mean about the same. */
export const DICTIONARY: Source = { packageName: "wordnet-base", licence: "WordNet 3.0 licence (BSD-like)" };

/** Six novels of Jane Austen. */
export const NOVELS: Source = {
	packageName: "r-cran-janeaustenr",
	licence: "MIT; the novels are in the public domain",
};

export const MANUALS: readonly Source[] = [
	{ packageName: "python3.11-doc", licence: "PSF-2.0" },
	{ packageName: "postgresql-doc-15", licence: "PostgreSQL" },
	{ packageName: "apache2-doc", licence: "Apache-2.0" },
	{ packageName: "perl-doc", licence: "Artistic-1.0-Perl, or GPL" },
	{ packageName: "sqlite3-doc", licence: "public domain" },
	{ packageName: "nodejs-doc", licence: "MIT" },
	{ packageName: "vim-runtime", licence: "Vim, and OPL-1.0" },
	{ packageName: "libreoffice-help-en-us", licence: "MPL-2.0" },
	{ packageName: "bind9-doc", licence: "MPL-2.0" },
	{ packageName: "erlang-doc", licence: "Apache-2.0" },
	{ packageName: "ghc-doc", licence: "BSD-3-Clause" },
	{ packageName: "postfix-doc", licence: "IPL-1.0, or EPL-2.0" },
	{ packageName: "libboost1.81-doc", licence: "BSL-1.0" },
	{ packageName: "rust-doc", licence: "MIT, or Apache-2.0" },
];

/** Where a package is unpacked. */
export function folderOf(workFolder: string, { packageName }: Source): string {
	return join(workFolder, "packages", packageName);
}

/** Fetch and unpack what is not there yet. Needs `apt-get` with Debian 12's archive, and `dpkg`. Throws when a package cannot be had. */
export function fetchAll(workFolder: string): void {
	for (const source of [TRIGRAMS, DICTIONARY, NOVELS, ...MANUALS]) {
		const folder = folderOf(workFolder, source);
		if (existsSync(folder)) continue;
		const archives = join(workFolder, "archives", source.packageName);
		mkdirSync(archives, { recursive: true });
		mkdirSync(dirname(folder), { recursive: true });
		run(["apt-get", "download", source.packageName], archives);
		const archive = readdirSync(archives).find((name) => name.endsWith(".deb"));
		if (archive === undefined) throw new Error(`apt-get left no archive of ${source.packageName} in ${archives}`);
		run(["dpkg", "-x", join(archives, archive), folder], archives);
	}
}

function run(command: string[], cwd: string): void {
	const { exitCode, stderr } = Bun.spawnSync(command, { cwd, stdout: "ignore", stderr: "pipe" });
	if (exitCode !== 0) throw new Error(`${command.join(" ")} failed: ${stderr.toString().trim()}`);
}
