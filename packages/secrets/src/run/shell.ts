/** What is run: a text for the shell, or words that are no shell's. */
export type Command =
	| { readonly command: string; readonly argv?: undefined }
	| { readonly argv: readonly string[]; readonly command?: undefined };

/** The words that start a command. A text means to the shell what it would mean in a terminal. */
export function startingWords({ command, argv }: Command, platform: NodeJS.Platform = process.platform): string[] {
	if (command === undefined) return [...argv];
	return platform === "win32" ? ["cmd.exe", "/d", "/s", "/c", command] : ["sh", "-c", command];
}

/** A command as one text, to be shown. */
export function commandText({ command, argv }: Command): string {
	return command ?? argv.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word))).join(" ");
}
