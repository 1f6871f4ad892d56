/** Where the thread begins. The build puts another file in this one's place, which knows the way inside the executable. */
export function passphraseThreadFile(): string {
	return new URL("./passphrase-thread.ts", import.meta.url).href;
}
