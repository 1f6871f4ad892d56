export interface EnvironmentVariable {
	readonly name: string;
	readonly default: string;
	readonly description: string;
}

/** What the environment says instead of the file. */
export const environmentVariables: readonly EnvironmentVariable[] = [
	{ name: "SIGNET_PATH", default: "`~/.agents`", description: "The workspace" },
	{ name: "SIGNET_HOST", default: "`localhost`", description: "Where the daemon listens" },
	{ name: "SIGNET_PORT", default: "`3850`", description: "The port it listens on" },
	{
		name: "SIGNET_UPDATE_URL",
		default: "the public npm registry",
		description: "The registry that new versions come from",
	},
	{
		name: "SIGNET_UPDATE_KEY",
		default: "that of the makers",
		description: "Another key that new versions may be signed with: an Ed25519 public key, 32 bytes in base64",
	},
	{
		name: "SIGNET_DAEMON_URL",
		default: "by the workspace",
		description: "A daemon by its address, for the command line",
	},
	{ name: "SIGNET_TOKEN", default: "that of this machine", description: "A token, for the command line" },
	{ name: "SIGNET_SEARCH_PROFILE", default: "`search.profile`", description: "The ranking; beats the file" },
	{ name: "SIGNET_VEC_PATH", default: "the one inside the program", description: "The sqlite-vec library" },
	{ name: "OPENAI_API_KEY", default: "", description: "The key where `embedding.api_key` says none" },
	{
		name: "SIGNET_SECRETS_PASSPHRASE_FILE",
		default: "",
		description: "A file with the passphrase of the secrets, where they have one; yours alone (mode 0600)",
	},
	{
		name: "SIGNET_SECRETS_PASSPHRASE",
		default: "",
		description: "The passphrase itself; other programs of yours see it",
	},
	{ name: "NO_COLOR", default: "", description: "No colours in the terminal" },
];
