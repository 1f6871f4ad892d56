/** Where the thread begins. The build puts another file in this one's place, which knows the way inside the executable. */
export function logThreadFile(): string {
	return new URL("./log-thread.ts", import.meta.url).href;
}
