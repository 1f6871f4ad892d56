import { embedQuestion } from "../vector/vector-leg.ts";
import type { RecallAnswer } from "./answer.ts";
import { answerEnquiry } from "./answer-enquiry.ts";
import type { RecallContext, RecallRequest } from "./context.ts";

/** Recall by our own lexicon and ranking. */
export async function recallSignet(context: RecallContext, request: RecallRequest): Promise<RecallAnswer> {
	const { corpus, embeddings, documents, accesses, settings, world } = context;
	const embedding = request.legs === "words" ? {} : embedQuestion(embeddings, request.query);
	// Questions that came together are all on their way to the model before the first of them keeps this thread busy.
	await world.timers.yield();
	const { documentCount, isBehind } = documents;
	const truncateChars = settings().pipeline.guardrails.recallTruncateChars;
	const answer = await answerEnquiry(
		corpus,
		{ request, documentCount, isBehind, truncateChars },
		embedding,
		world.clock,
	);
	if (!request.isPreview) accesses.count(answer.results.map(({ id }) => id));
	return answer;
}
