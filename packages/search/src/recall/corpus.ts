import type { Timers } from "@signet/core";
import type { Database } from "@signet/db";
import { Conversations } from "../conversation/conversations.ts";
import type { DocumentsChanged } from "../documents/document-index.ts";
import { RecentDocuments } from "../documents/recent-documents.ts";
import { SeenDocuments } from "../documents/seen-documents.ts";
import { Postings } from "../lexical/postings.ts";
import { WordCounts } from "../lexical/word-counts.ts";
import { ActiveIndex } from "../vector/active-index.ts";

/** What a commit has changed of what questions are answered from. */
export type CorpusChange = Omit<DocumentsChanged, "added">;

/**
 * What questions are answered from: the file, and what is held of it in memory, which is filled as it is asked for and
 * follows each commit that it is told of.
 */
export class Corpus {
	readonly conversations: Conversations;
	readonly index: ActiveIndex;
	readonly postings: Postings;
	readonly recentDocuments: RecentDocuments;
	readonly seenDocuments = new SeenDocuments();
	readonly wordCounts = new WordCounts();

	constructor(
		readonly database: Pick<Database, "read">,
		timers: Pick<Timers, "after" | "yield">,
	) {
		this.conversations = new Conversations(database, timers);
		this.index = new ActiveIndex(database, timers);
		this.postings = new Postings(timers);
		this.recentDocuments = new RecentDocuments(timers);
	}

	/** Take in a commit. To be called in the order of the commits. */
	changed({ removed, placed, moved, words }: CorpusChange): void {
		this.postings.changed(words);
		this.recentDocuments.changed([...removed, ...moved, ...placed.map(({ doc }) => doc)]);
		this.index.removed(removed);
		this.conversations.removed(removed);
		this.conversations.placed(placed);
	}
}
