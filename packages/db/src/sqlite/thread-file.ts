/** Where a thread begins. The build puts another file in this one's place, which knows the way inside the executable. */
export function threadFile(): string {
	return new URL("./thread-works.ts", import.meta.url).href;
}
