/** Options of one letter that take nothing and change nothing about whom `curl` speaks with. */
const FLAGS = /^-[sSfiIg]+$/;
const LONG_FLAGS = new Set(["--silent", "--show-error", "--fail", "--fail-with-body", "--include", "--head"]);
const ATTACHED_METHOD = /^-X[A-Z]+$/;

/** In the body: whatever it is, the request goes where it goes. (`-G` would put it into the address.) */
const ANY = /^/;
/** What stands in the head of the request as it is: another line would be another header. */
const ONE_LINE = /^[^\r\n]*$/;
const METHOD = /^[A-Z]+$/;
/** With a name of its own in front. One that names a host sends the request on, behind the server that takes it. */
const HEADER = /^(?!host\s*:)[A-Za-z0-9-]+:[^\r\n]*$/i;
const VALUES: ReadonlyMap<string, RegExp> = new Map([
	...["-d", "--data", "--data-raw", "--data-binary", "--data-urlencode", "--json", "-F", "--form"].map(
		(name) => [name, ANY] as const,
	),
	...["-u", "--user", "-A", "--user-agent", "-m", "--max-time"].map((name) => [name, ONE_LINE] as const),
	...["-X", "--request"].map((name) => [name, METHOD] as const),
	...["-H", "--header"].map((name) => [name, HEADER] as const),
]);

/** Unencrypted only within this machine. What follows the host begins with a slash: programs differ on all else. */
const ADDRESS =
	/^(?:https:\/\/|http:\/\/(?=(?:localhost|127\.0\.0\.1)(?::|\/|$)))([A-Za-z0-9.-]+(?::\d+)?)(?:\/[^\s\\]*)?$/;

/**
 * The hosts that a `curl` sends to, as its addresses name them, in small letters. Undefined for other programs, and for
 * any option that is not known to leave that as it is: a proxy, a redirect, a file of further options.
 */
export function hostsOfCurl([program, ...words]: readonly string[]): string[] | undefined {
	if (program !== "curl") return undefined;
	const hosts: string[] = [];
	const rest = words.values();
	for (const word of rest) {
		if (FLAGS.test(word) || LONG_FLAGS.has(word) || ATTACHED_METHOD.test(word)) continue;
		const allowed = VALUES.get(word);
		if (allowed) {
			const value = rest.next().value;
			if (value === undefined || !allowed.test(value)) return undefined;
		} else {
			const address = word === "--url" ? rest.next().value : word;
			const host = ADDRESS.exec(address ?? "")?.[1];
			if (host === undefined) return undefined;
			hosts.push(host.toLowerCase());
		}
	}
	return hosts.length > 0 ? hosts : undefined;
}
