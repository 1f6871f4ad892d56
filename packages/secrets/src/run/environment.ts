import { invalidRequest } from "@signet/core";

type Env = Readonly<Record<string, string | undefined>>;

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Variables that say what is run, or with whom it speaks, rather than what it is run with: whoever may choose their value
 * may run anything in the name of a command that was allowed.
 */
const RESERVED = new Set(
	`PATH HOME TMPDIR TEMP TMP SHELL IFS ENV PS4 CDPATH BASH_ENV BASHOPTS SHELLOPTS PROMPT_COMMAND NODE_OPTIONS NODE_PATH
	PYTHONPATH PYTHONHOME PYTHONSTARTUP PERL5LIB PERL5OPT PERL5DB RUBYLIB RUBYOPT JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS
	_JAVA_OPTIONS COMSPEC PATHEXT SYSTEMROOT EDITOR VISUAL PAGER
	HTTP_PROXY HTTPS_PROXY ALL_PROXY CURL_HOME CURL_CA_BUNDLE SSL_CERT_FILE SSL_CERT_DIR REQUESTS_CA_BUNDLE
	NODE_EXTRA_CA_CERTS NODE_TLS_REJECT_UNAUTHORIZED XDG_CONFIG_HOME
	BUN_OPTIONS OPENSSL_CONF OPENSSL_MODULES OPENSSL_ENGINES LESSOPEN LESSCLOSE MANPAGER SSH_ASKPASS SUDO_ASKPASS
	PYTHONUSERBASE PYTHONBREAKPOINT PYTHONINSPECT LUA_INIT LUA_PATH LUA_CPATH GEM_HOME GEM_PATH RUSTC_WRAPPER CARGO_HOME
	DOCKER_HOST KUBECONFIG AWS_CONFIG_FILE AWS_ENDPOINT_URL`.split(/\s+/),
);
const RESERVED_BEGINNINGS = ["LD_", "DYLD_", "GIT_", "SIGNET_", "NPM_CONFIG_", "BASH_FUNC_"];

/** What every command has of the daemon's own environment. */
const KEPT = new Set(["PATH", "HOME", "LANG"]);
const KEPT_ON_WINDOWS = new Set(["SYSTEMROOT", "COMSPEC", "PATHEXT", "USERPROFILE", "SYSTEMDRIVE"]);
const DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin";

/** Throws when a variable of that name must not, or cannot, be given to a command. */
export function demandVariableName(name: string): void {
	if (!NAME.test(name)) {
		throw invalidRequest(
			`${JSON.stringify(name)} cannot be the name of an environment variable: it must be of letters, digits and _, and not begin with a digit`,
		);
	}
	if (!isReserved(name)) return;
	throw invalidRequest(
		`${name} must not be set by a secret, because it changes what is run, or with whom it speaks; give the secret another name in the environment, such as {"MY_${name.toUpperCase()}": "…"}`,
	);
}

function isReserved(name: string): boolean {
	const upper = name.toUpperCase();
	return RESERVED.has(upper) || RESERVED_BEGINNINGS.some((beginning) => upper.startsWith(beginning));
}

export interface ChildEnvironment {
	/** The daemon's own. */
	readonly own: Env;
	/** Whether a command gets all of that. */
	readonly isInherited: boolean;
	/** The command's alone. */
	readonly temporaryFolder: string;
	/** By the variable. */
	readonly values: ReadonlyMap<string, string>;
}

/** The environment of a command: little of the daemon's own, and the values that were asked for. */
export function environmentOf({ own, isInherited, temporaryFolder, values }: ChildEnvironment): Record<string, string> {
	const kept = Object.entries(own).filter(
		(entry): entry is [string, string] => !!entry[1] && (isInherited || isKept(entry[0])),
	);
	return {
		PATH: DEFAULT_PATH,
		...Object.fromEntries(kept),
		TMPDIR: temporaryFolder,
		...(process.platform === "win32" && { TEMP: temporaryFolder, TMP: temporaryFolder }),
		...Object.fromEntries(values),
	};
}

function isKept(name: string): boolean {
	if (KEPT.has(name) || name.startsWith("LC_")) return true;
	return process.platform === "win32" && (KEPT_ON_WINDOWS.has(name.toUpperCase()) || name.toUpperCase() === "PATH");
}
