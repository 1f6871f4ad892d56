import { cleanFields, noCleaner, type TextCleaner } from "@signet/core";
import type { RecallAnswer } from "@signet/search";

/**
 * What was found without the values of secrets, on its way to an agent: a memory may have been there before what it says was
 * made a secret.
 */
export function cleanResults(answer: RecallAnswer, cleaner: TextCleaner): RecallAnswer {
	if (cleaner === noCleaner) return answer;
	const cleanTurn = <T extends object>(turn: T): T => cleanFields(turn, cleaner);
	return {
		...answer,
		results: answer.results.map(({ context, ...result }) => ({
			...cleanTurn(result),
			...(context && { context: { before: context.before.map(cleanTurn), after: context.after.map(cleanTurn) } }),
		})),
	};
}
