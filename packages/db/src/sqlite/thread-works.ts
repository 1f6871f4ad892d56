import { messageOf } from "@signet/core";
import { eraseFromCopies } from "./erase-from-copies.ts";
import { writeAnew } from "./write-anew.ts";

/** Where a thread begins: works that take long, each given a database file. */
const WORKS = { "write-anew": writeAnew, "erase-from-copies": eraseFromCopies };

export type ThreadWorks = typeof WORKS;

export interface ThreadRequest {
	readonly name: keyof ThreadWorks;
	readonly file: string;
}

export type ThreadAnswer = { readonly value: ReturnType<ThreadWorks[keyof ThreadWorks]> } | { readonly error: string };

declare const self: Worker;

self.onmessage = ({ data: { name, file } }: MessageEvent<ThreadRequest>) => {
	self.postMessage(answer(name, file));
};

function answer(name: keyof ThreadWorks, file: string): ThreadAnswer {
	try {
		return { value: WORKS[name](file) };
	} catch (error) {
		return { error: messageOf(error) };
	}
}
