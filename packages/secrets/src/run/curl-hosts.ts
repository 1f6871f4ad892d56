/** Options of one letter that take nothing and change nothing about whom `curl` speaks with. */
const FLAGS = /^-[sSfiIgG]+$/;
const LONG_FLAGS = new Set(["--silent", "--show-error", "--fail", "--fail-with-body", "--include", "--head", "--get"]);
const HEADER = new Set(["-H", "--header"]);
const WITH_VALUE = new Set([
	...["-d", "--data", "--data-raw", "--data-binary", "--data-urlencode", "--json", "-F", "--form"],
	...["-X", "--request", "-u", "--user", "-A", "--user-agent", "-m", "--max-time"],
]);
const METHOD = /^-X[A-Z]+$/;

/** A name of its own in front; one that names a host sends the request elsewhere, behind the server that takes it. */
const PLAIN_HEADER = /^(?!host\s*:)[A-Za-z0-9-]+:[^\r\n]*$/i;
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
		if (FLAGS.test(word) || LONG_FLAGS.has(word) || METHOD.test(word)) continue;
		if (HEADER.has(word)) {
			if (!PLAIN_HEADER.test(rest.next().value ?? "")) return undefined;
		} else if (WITH_VALUE.has(word)) {
			if (rest.next().done) return undefined;
		} else {
			const address = word === "--url" ? rest.next().value : word;
			const host = ADDRESS.exec(address ?? "")?.[1];
			if (host === undefined) return undefined;
			hosts.push(host.toLowerCase());
		}
	}
	return hosts.length > 0 ? hosts : undefined;
}
