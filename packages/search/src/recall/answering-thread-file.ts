/** Where the thread begins. The build puts another file in this one's place, which knows the way inside the executable. */
export function answeringThreadFile(): string {
	return new URL("./answering-thread.ts", import.meta.url).href;
}
