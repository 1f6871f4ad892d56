import { serveStandingThread } from "@signet/core";
import { realWorld } from "@signet/core/world";
import { type EncodedDocument, openReadOnly, type VectorModel } from "@signet/db";
import type { EmbeddedQuestion } from "../vector/vector-leg.ts";
import type { RecallAnswer } from "./answer.ts";
import { answerEnquiry, type Enquiry } from "./answer-enquiry.ts";
import { Corpus, type CorpusChange } from "./corpus.ts";

/** Where a thread begins: answering questions beside the daemon's own thread. */

export type ToldOfCorpus =
	/** First of all, the database's file. */
	| { readonly file: string }
	| { readonly change: CorpusChange }
	| { readonly model: VectorModel; readonly documents: readonly EncodedDocument[] };

export interface AskedOfCorpus {
	readonly enquiry: Enquiry;
	readonly embedded: EmbeddedQuestion;
}

let file: string | undefined;
/** Undefined until the first question: what was committed before that is in the file. */
let corpus: Corpus | undefined;

serveStandingThread<ToldOfCorpus, AskedOfCorpus, RecallAnswer>({
	told(message) {
		if ("file" in message) file = message.file;
		else if ("change" in message) corpus?.changed(message.change);
		else corpus?.encoded(message.model, message.documents);
	},
	async answer({ enquiry, embedded }) {
		corpus ??= new Corpus(readerOf(file ?? ""), realWorld.timers);
		return answerEnquiry(corpus, enquiry, embedded, realWorld.clock);
	},
});

function readerOf(path: string): Corpus["database"] {
	const { reader } = openReadOnly(path);
	return { read: (work) => work(reader) };
}
