import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";
import type { Conversation, Message, Question } from "./conversation.ts";

/** LoCoMo (Maharana et al., ACL 2024): long conversations of two people, one file each. */

const KINDS: Readonly<Record<number, string>> = {
	1: "multi-hop",
	2: "temporal",
	3: "open-domain",
	4: "single-hop",
	5: "adversarial",
};

/** The kinds whose scores are usually reported together. */
export const ANSWERABLE = ["multi-hop", "temporal", "open-domain", "single-hop"];

const turnSchema = z.object({
	speaker: z.string(),
	dia_id: z.string(),
	text: z.string(),
	blip_caption: z.optional(z.string()),
});
const fileSchema = z.object({
	sample_id: z.string(),
	conversation: z.record(z.string(), z.unknown()),
	qa: z.array(z.object({ question: z.string(), category: z.number(), evidence: z.optional(z.array(z.string())) })),
});

/** The conversations of a folder; undefined when it is not there. */
export function readLocomo(folder: string): Conversation[] | undefined {
	if (!existsSync(folder)) return undefined;
	return readdirSync(folder)
		.filter((name) => /^conv-\d+\.json$/.test(name))
		.sort()
		.map((name) => toConversation(fileSchema.parse(JSON.parse(readFileSync(join(folder, name), "utf8")))));
}

function toConversation({ sample_id: name, conversation, qa }: z.infer<typeof fileSchema>): Conversation {
	const messages: Message[] = [];
	for (let session = 1; conversation[`session_${session}`]; session++) {
		const turns = z.array(turnSchema).parse(conversation[`session_${session}`]);
		const date = z.string().parse(conversation[`session_${session}_date_time`]);
		messages.push(
			...turns.map((turn, at) =>
				toMessage(turn, date, { sessionId: `${name}/${session}`, position: messages.length + at }),
			),
		);
	}
	const known = new Set(messages.map(({ id }) => id));
	const questions = qa.map(({ question, category, evidence = [] }): Question => {
		const ids = evidence.flatMap(repairLabel).filter((id) => known.has(id));
		return { text: question, kind: KINDS[category] ?? "other", evidence: [...new Set(ids)] };
	});
	return { name, messages, questions: questions.filter(({ evidence }) => evidence.length > 0) };
}

function toMessage(
	{ speaker, dia_id: id, text, blip_caption: caption }: z.infer<typeof turnSchema>,
	date: string,
	place: Pick<Message, "sessionId" | "position">,
): Message {
	const photo = caption === undefined ? "" : ` [shares a photo: ${caption}]`;
	const saidAt = parseSessionDate(date);
	return { ...place, id, who: speaker, content: `[${date}] ${speaker}: ${text}${photo}`, ...(saidAt && { saidAt }) };
}

/** `1:56 pm on 8 May, 2023`. */
function parseSessionDate(date: string): string | undefined {
	const time = Date.parse(`${date.replace(/^(.*) on (.*)$/, "$2 $1")} UTC`);
	return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}

/** Some labels are joined or misspelt: `D8:6; D9:17`, `D:11:26`, `D30:05`. */
function repairLabel(label: string): string[] {
	return label
		.split(/[;,\s]+/)
		.map((part) => part.replace(/^D:/, "D").replace(/(\D)0+(\d)/g, "$1$2"))
		.filter((part) => part !== "");
}
