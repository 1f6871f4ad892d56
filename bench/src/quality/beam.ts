import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";
import type { Conversation, Message, Question } from "./conversation.ts";

/** BEAM (Tavakoli et al. 2025): long conversations with an assistant, a folder each. */

const chatSchema = z.array(
	z.object({
		turns: z.array(
			z.array(z.object({ id: z.number(), role: z.string(), content: z.string(), time_anchor: z.nullish(z.string()) })),
		),
	}),
);
const questionsSchema = z.record(z.string(), z.array(z.looseObject({ question: z.string() })));

/** Where the labels of a kind stand in its `source_chat_ids`; a plain list when there are no names. */
const sourceIds = z.union([z.array(z.unknown()), z.record(z.string(), z.unknown())]);

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
	const messages = chatSchema.parse(read("chat.json")).flatMap(({ turns }) => turns.flat().map(toMessage));
	const known = new Set(messages.map(({ id }) => id));
	const questions = Object.entries(questionsSchema.parse(read("probing_questions.json"))).flatMap(([kind, asked]) =>
		asked.map((question): Question => {
			const parsed = sourceIds.safeParse(question.source_chat_ids);
			const ids = parsed.success ? numbersIn(parsed.data) : [];
			return { text: question.question, kind, evidence: [...new Set(ids.map(String))].filter((id) => known.has(id)) };
		}),
	);
	return { name, messages, questions: questions.filter(({ evidence }) => evidence.length > 0) };
}

/** User messages end in a marker of the plan that they were made from. */
const PLAN_MARKER = /\s*->->\s*[\d,.\sN/A]*$/;

function toMessage({
	id,
	role,
	content,
	time_anchor: date,
}: {
	id: number;
	role: string;
	content: string;
	time_anchor?: string | null | undefined;
}): Message {
	const when = date ? `[${date}] ` : "";
	return { id: String(id), who: role, content: `${when}${role}: ${content.replace(PLAN_MARKER, "")}` };
}

function numbersIn(value: unknown): number[] {
	if (typeof value === "number") return [value];
	if (typeof value !== "object" || value === null) return [];
	return Object.values(value).flatMap(numbersIn);
}
