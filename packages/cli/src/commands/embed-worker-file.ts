/** What runs a model. The build puts another file in this one's place, which knows the way inside the executable. */
export function embedWorkerFile(): string {
	return new URL("./embed-worker.ts", import.meta.url).href;
}
