import { basename } from "node:path";
import { sha256Hex } from "@signet/core";
import {
	type Found,
	firstOf,
	isObject,
	type JsonObject,
	type Progress,
	type Source,
	textOf,
	textRow,
	timeOf,
} from "./found.ts";
import { jsonParts } from "./json-parts.ts";
import { objectsOf } from "./lines.ts";

const SOURCE = "messages";
const LIST = "messages";
/** What is in the conversation, and nobody said to anybody. */
const UNSPOKEN = ["system", "developer", "tool", "function"];
/** A conversation without a name of its own is known by what was said first. */
const KNOWN_BY = 2;

/**
 * Conversations as the API of OpenAI and programs like it write them: a list of messages that have a `role` and a
 * `content`, by itself or as `messages` of an object; a list of such objects; or either of them in lines. Each message
 * becomes a turn, at its place in the conversation.
 */
export function messages(path: string): Source {
	const progress = { done: 0, total: 0 };
	return {
		format: "messages",
		progress,
		async *read() {
			// Its name may stand behind the messages, and they are not to be in memory all at once.
			const whole = new Conversation(basename(path), await headOf(path));
			let isConversation = false;
			for await (const part of partsOf(path, progress)) {
				isConversation ||= part.isItem;
				if (!part.isItem) continue;
				if ("why" in part) yield whole.unreadable(part);
				else if (hasMessages(part.value)) yield* conversationIn(basename(path), part.key, part.value);
				else yield whole.turn(part.key, part.value);
			}
			if (!isConversation) throw new Error(`${path} has no list of messages`);
		},
	};
}

/** Whether a value is a message, or an object that has a list of them. */
export function isOfMessages(value: unknown): boolean {
	return hasMessages(value) || isMessage(value);
}

/** Whether a member of that name, if it is a list, is one of messages. */
export function isMessageList(name: string): boolean {
	return name === LIST;
}

/** What mem0 calls a memory may have a role too. */
function isMessage(value: unknown): value is JsonObject {
	if (!isObject(value) || textOf(value.role) === undefined || "memory" in value) return false;
	return typeof value.content === "string" || Array.isArray(value.content) || "tool_calls" in value;
}

function hasMessages(value: unknown): value is JsonObject & { readonly messages: readonly unknown[] } {
	return isObject(value) && Array.isArray(value[LIST]) && value[LIST].some(isMessage);
}

function* conversationIn(
	file: string,
	key: string,
	object: JsonObject & { readonly messages: readonly unknown[] },
): Iterable<Found> {
	const conversation = new Conversation(file, { about: object, first: object.messages.filter(isSpoken) });
	for (const [at, message] of object.messages.entries()) {
		yield conversation.turn(`${key}, message ${at + 1}`, message);
	}
}

interface Head {
	/** What is said of the conversation as a whole. */
	readonly about: JsonObject;
	/** What was said first, at least as much as it is known by. */
	readonly first: readonly JsonObject[];
}

/** A conversation, of which the messages come one after the other. */
class Conversation {
	readonly #session: string;
	readonly #about: JsonObject;
	#place = 0;

	constructor(file: string, { about, first }: Head) {
		const named = sessionOf(about) ?? textOf(firstOf(about, "id", "chat_id"));
		const said = first.slice(0, KNOWN_BY).map(({ role, content }) => [role, textIn(content)]);
		this.#session = named ?? `${SOURCE}:${sha256Hex(JSON.stringify([file, ...said])).slice(0, 16)}`;
		this.#about = about;
	}

	/** What has no text has its place all the same. */
	unreadable({ key, why }: { readonly key: string; readonly why: string }): Found {
		this.#place++;
		return { key, why };
	}

	turn(key: string, message: unknown): Found {
		const position = this.#place++;
		if (!isMessage(message)) return { key, why: "it is no message: it has no role, or no content" };
		const role = textOf(message.role);
		if (!isSpoken(message)) return { key, why: `it is a ${role} message, which nobody said` };
		const content = textIn(message.content);
		const session = sessionOf(message) ?? this.#session;
		return textRow(key, {
			content,
			who: textOf(message.name) ?? role,
			role,
			sessionId: session,
			position,
			sourceType: SOURCE,
			sourceId: `${session}/${sha256Hex(content ?? "").slice(0, 16)}`,
			createdAt: timeIn(message) ?? timeIn(this.#about),
		});
	}
}

function isSpoken(message: unknown): message is JsonObject {
	return isMessage(message) && !UNSPOKEN.includes(String(message.role).trim().toLowerCase());
}

function sessionOf(object: JsonObject): string | undefined {
	return textOf(firstOf(object, "session_id", "sessionId", "conversation_id", "conversationId", "thread_id"));
}

function timeIn(object: JsonObject): string | undefined {
	return timeOf(firstOf(object, "created_at", "createdAt", "timestamp", "create_time", "created"));
}

/** The text of a message: itself, or its parts that are texts. */
function textIn(content: unknown): string | undefined {
	if (!Array.isArray(content)) return textOf(content);
	const texts = content.flatMap((part) => {
		const { text } = isObject(part) ? part : { text: part };
		return textOf(isObject(text) ? text.value : text) ?? [];
	});
	return textOf(texts.join("\n\n"));
}

type Part = { readonly key: string; readonly isItem: boolean } & (
	| { readonly name: string; readonly value: unknown }
	| { readonly why: string }
);

/** Messages and conversations one by one, and the other members of an object that has messages. */
async function* partsOf(path: string, progress: Progress): AsyncGenerator<Part> {
	if (/\.(jsonl|ndjson)$/i.test(path)) {
		for await (const found of objectsOf(path, progress)) {
			yield "why" in found
				? { ...found, isItem: true }
				: { key: found.key, isItem: true, name: "", value: found.object };
		}
		return;
	}
	for await (const { name, item, ...part } of jsonParts(path, { isList: isMessageList, progress })) {
		const key = hasMessages("value" in part ? part.value : undefined) ? `conversation ${item}` : `message ${item}`;
		const isItem = item !== undefined;
		yield "why" in part ? { key, isItem, why: part.why } : { key, isItem, name, value: part.value };
	}
}

/** What a conversation is known by, if the file holds but one. */
async function headOf(path: string): Promise<Head> {
	const about: Record<string, unknown> = {};
	const first: JsonObject[] = [];
	for await (const part of partsOf(path, { done: 0, total: 0 })) {
		if ("why" in part) continue;
		if (part.isItem && hasMessages(part.value)) break;
		if (part.isItem && first.length < KNOWN_BY && isSpoken(part.value)) first.push(part.value);
		if (!part.isItem && typeof part.value !== "object") about[part.name] = part.value;
		// Behind a list that is all of the file, or behind lines, nothing more is said.
		if (part.isItem && part.name === "" && first.length === KNOWN_BY) break;
	}
	return { about, first };
}
