import type { RecallAnswer } from "./answer.ts";
import type { RecallContext, RecallRequest } from "./context.ts";
import { recallReference } from "./recall-reference.ts";
import { recallSignet } from "./recall-signet.ts";

/** Find what is known about a question, by the ranking profile of the configuration. */
export function recall(context: RecallContext, request: RecallRequest): Promise<RecallAnswer> {
	switch (context.settings().search.profile) {
		case "reference":
			return recallReference(context, request);
		case "signet":
			return recallSignet(context, request);
	}
}
