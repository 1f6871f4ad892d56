/** Folders in which keys and passwords are kept, ours and those of other programs. */
const FOLDERS = new Set([".ssh", ".gnupg", ".aws", ".azure", ".kube", ".docker", ".secrets", ".daemon", ".git"]);

/** Files that are keys or hold passwords, by the names that programs give to them. */
const FILES = [
	/^id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?(?:$|[._-])/,
	/\.(?:pem|key|p8|p12|pfx|jks|keystore|kdbx?|ppk|asc|gpg|pgp)$/,
	/^\.env(?:$|\.)/,
	/^\.(?:netrc|_netrc|pgpass|npmrc|pypirc|git-credentials|htpasswd|vault-token|my\.cnf)$/,
	/^_netrc$/,
	/^(?:credentials|authorized_keys|known_hosts|auth-secret|secrets\.enc)(?:$|\.(?:json|toml|ya?ml|csv|ini)$)/,
	/^service[-_]account.*\.json$/,
];

/**
 * Whether a path leads to what nobody may read or write through the daemon, whoever asks: by the names of its parts,
 * whichever letters are capital and in whatever form of Unicode they are written.
 */
export function isPrivateName(parts: readonly string[]): boolean {
	const folded = parts.map(fold);
	return folded.some((part) => FOLDERS.has(part)) || FILES.some((pattern) => pattern.test(folded.at(-1) ?? ""));
}

/** As the file systems that look at letters alone compare names; they pass over what is not seen. */
function fold(part: string): string {
	return part
		.normalize("NFKC")
		.replace(/\p{Default_Ignorable_Code_Point}/gu, "")
		.toLowerCase()
		.replace(/[ .]+$/, "");
}
