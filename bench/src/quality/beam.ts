import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";
import type { Conversation, Message, Question } from "./conversation.ts";

/** BEAM (Tavakoli et al. 2025): long conversations with an assistant, a folder each. */

const turnSchema = z.object({
	id: z.number(),
	role: z.string(),
	content: z.string(),
	time_anchor: z.nullish(z.string()),
});
const chatSchema = z.array(z.object({ turns: z.array(z.array(turnSchema)) }));
const questionsSchema = z.record(z.string(), z.array(z.looseObject({ question: z.string() })));

/** Where the labels of a kind stand in its `source_chat_ids`; a plain list when there are no names. */
const sourceIds = z.union([z.array(z.unknown()), z.record(z.string(), z.unknown())]);

const changeSchema = z.object({ original_info: z.unknown(), updated_info: z.unknown() });

/** The chats of a folder with one folder for each size; undefined when it is not there. */
export function readBeam(folder: string): Conversation[] | undefined {
	if (!existsSync(folder)) return undefined;
	return readdirSync(folder)
		.filter((size) => /^\d+[KM]$/.test(size))
		.flatMap((size) =>
			readdirSync(join(folder, size)).map((chat) => readChat(join(folder, size, chat), `${size}/${chat}`)),
		);
}

function readChat(folder: string, name: string): Conversation {
	const read = (file: string): unknown => JSON.parse(readFileSync(join(folder, file), "utf8"));
	const messages = chatSchema
		.parse(read("chat.json"))
		.flatMap(({ turns }, batch) => turns.flat().map((turn) => toMessage(turn, `${name}/${batch}`)));
	const known = new Set(messages.map(({ id }) => id));
	const questions = Object.entries(questionsSchema.parse(read("probing_questions.json"))).flatMap(([kind, asked]) =>
		asked.map((question): Question => {
			const parsed = sourceIds.safeParse(question.source_chat_ids);
			const ids = (labels: unknown) => [...new Set(numbersIn(labels).map(String))].filter((id) => known.has(id));
			const evidence = parsed.success ? ids(parsed.data) : [];
			const changed = changeSchema.safeParse(question.source_chat_ids);
			if (!changed.success) return { text: question.question, kind, evidence };
			const change = { before: ids(changed.data.original_info), after: ids(changed.data.updated_info) };
			return { text: question.question, kind, evidence, change };
		}),
	);
	return { name, messages, questions: questions.filter(({ evidence }) => evidence.length > 0) };
}

/** User messages end in a marker of the plan that they were made from. */
const PLAN_MARKER = /\s*->->\s*[\d,.\sN/A]*$/;

function toMessage({ id, role, content, time_anchor: date }: z.infer<typeof turnSchema>, sessionId: string): Message {
	const when = date ? `[${date}] ` : "";
	const text = `${when}${role}: ${content.replace(PLAN_MARKER, "")}`;
	return { id: String(id), who: role, role, sessionId, position: id, content: text };
}

function numbersIn(value: unknown): number[] {
	if (typeof value === "number") return [value];
	if (typeof value !== "object" || value === null) return [];
	return Object.values(value).flatMap(numbersIn);
}
