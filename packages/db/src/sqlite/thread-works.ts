import { messageOf } from "@signet/core";
import { embeddingFacts } from "./embedding-facts.ts";
import { eraseFromCopies } from "./erase-from-copies.ts";
import { writeAnew } from "./write-anew.ts";

/** Where a thread begins: works that take long, each given a database file. */
const WORKS = {
	"embedding-facts": embeddingFacts,
	"erase-from-copies": eraseFromCopies,
	"write-anew": writeAnew,
};

export type ThreadWorks = typeof WORKS;

export interface ThreadRequest {
	readonly name: keyof ThreadWorks;
	readonly file: string;
}

export type ThreadAnswer<Name extends keyof ThreadWorks> =
	| { readonly value: ReturnType<ThreadWorks[Name]> }
	| { readonly error: string };

declare const self: Worker;

self.onmessage = ({ data: { name, file } }: MessageEvent<ThreadRequest>) => {
	self.postMessage(answer(name, file));
};

function answer(name: keyof ThreadWorks, file: string): ThreadAnswer<keyof ThreadWorks> {
	try {
		return { value: WORKS[name](file) };
	} catch (error) {
		return { error: messageOf(error) };
	}
}
