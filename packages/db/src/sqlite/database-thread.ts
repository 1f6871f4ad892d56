import { makeWay, serveThread } from "@signet/core";
import { embeddingFacts } from "./embedding-facts.ts";
import { eraseFromCopies } from "./erase-from-copies.ts";
import { eventsWithErased } from "./events-with-erased.ts";
import { writeAnew } from "./write-anew.ts";

/** Where a thread begins: works on a database file that take long. */
const WORKS = {
	"embedding-facts": embeddingFacts,
	"erase-from-copies": eraseFromCopies,
	"events-with-erased": eventsWithErased,
	"write-anew": writeAnew,
};

export type DatabaseWorks = typeof WORKS;

export interface DatabaseRequest {
	readonly name: keyof DatabaseWorks;
	readonly file: string;
}

serveThread(({ name, file }: DatabaseRequest) => {
	// Whoever writes waits until it is written anew.
	if (name !== "write-anew") makeWay();
	return WORKS[name](file);
});
