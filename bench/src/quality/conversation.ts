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
	/** ISO-8601 UTC, when it is known. */
	readonly saidAt?: string;
}

export interface Question {
	readonly text: string;
	readonly kind: string;
	/** Ids of the messages that answer it; at least one. */
	readonly evidence: readonly string[];
}
