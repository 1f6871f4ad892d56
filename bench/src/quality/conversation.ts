/** A conversation to be remembered, and questions about it whose answers are known by the ids of messages. */
export interface Conversation {
	readonly name: string;
	readonly messages: readonly Message[];
	readonly questions: readonly Question[];
}

export interface Message {
	/** Unique in the conversation. */
	readonly id: string;
	/** Who said it. */
	readonly who: string;
	/** As a client would store it. */
	readonly content: string;
	/** Who speaks to whom, where one of them is an assistant. */
	readonly role?: string;
	readonly sessionId: string;
	/** Its place in the conversation. */
	readonly position: number;
	/** ISO-8601 UTC, when it is known. */
	readonly saidAt?: string;
}

export interface Question {
	readonly text: string;
	readonly kind: string;
	/** Ids of the messages that answer it; at least one. */
	readonly evidence: readonly string[];
	/** For a fact that changed: the messages that say what was, and what is. */
	readonly change?: { readonly before: readonly string[]; readonly after: readonly string[] };
}
