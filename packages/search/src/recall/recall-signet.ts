import { embedQuestion } from "../vector/vector-leg.ts";
import type { RecallAnswer } from "./answer.ts";
import type { RecallContext, RecallRequest } from "./context.ts";

/** Recall by our own lexicon and ranking. */
export async function recallSignet(context: RecallContext, request: RecallRequest): Promise<RecallAnswer> {
	const { embeddings, documents, answering, accesses, settings } = context;
	const embedding = request.legs === "words" ? {} : embedQuestion(embeddings, request.query);
	const { documentCount, isBehind } = documents;
	const truncateChars = settings().pipeline.guardrails.recallTruncateChars;
	const answer = await answering.answer({ request, documentCount, isBehind, truncateChars }, embedding);
	if (!request.isPreview) accesses.count(answer.results.map(({ id }) => id));
	return answer;
}
