import { RunningDaemon } from "../running-daemon.ts";
import type { Conversation, Question } from "./conversation.ts";
import { CUTS, type Metrics, measure } from "./metrics.ts";

const MOST_RESULTS = Math.max(...CUTS);
const AT_ONCE = 16;
/** Room in a prompt, in tokens of about four characters. */
export const BUDGETS = [250, 500, 1_000, 2_000] as const;
const CHARS_PER_TOKEN = 4;

export interface Variant {
	readonly profile: "signet" | "reference";
	readonly legs: "words" | "vectors" | undefined;
}

export const VARIANTS: readonly Variant[] = (["signet", "reference"] as const).flatMap((profile) =>
	(["words", "vectors", undefined] as const).map((legs) => ({ profile, legs })),
);
/** What is asked of many conversations in one home. */
export const POOLED: readonly Variant[] = [
	{ profile: "signet", legs: "words" },
	{ profile: "signet", legs: undefined },
	{ profile: "reference", legs: undefined },
];

/** How one question was answered by one variant. */
export interface Judged {
	readonly kind: string;
	readonly metrics: Metrics;
	/** How sure the answer was that anything is known, if it says so. */
	readonly confidence: number | undefined;
	/** The same, where the question was asked of a home that does not know. */
	readonly elsewhere?: number | undefined;
	/** For a fact that changed: whether what is stands before what was. */
	readonly isFresh?: boolean;
	/** The share of the right answers that fit into each budget. */
	readonly withinBudget: readonly number[];
}

export type AllJudged = Map<Variant, Judged[]>;

/**
 * Remember conversations in one home, as a client would, and ask their questions in every variant; and `others`, whose
 * answers are not there. Candidates are not limited further than the ranking limits them.
 */
export async function judge(
	program: readonly string[],
	{
		conversations,
		others = [],
		variants,
	}: { conversations: readonly Conversation[]; others?: readonly Question[]; variants: readonly Variant[] },
): Promise<AllJudged> {
	const judged: AllJudged = new Map();
	await using daemon = await RunningDaemon.start(program, { configuration: configurationFor("signet") });
	const messagesOf = new Map<string, string[]>();
	for (const conversation of conversations) await rememberAll(daemon, conversation, messagesOf);
	for (const profile of ["signet", "reference"] as const) {
		await Bun.write(`${daemon.root}/agent.yaml`, configurationFor(profile));
		for (const variant of variants.filter((each) => each.profile === profile)) {
			const answers = [];
			for (const { name, questions } of conversations) {
				for (const question of questions) answers.push(await ask(daemon, question, variant, { name, messagesOf }));
			}
			judged.set(variant, await withOthers(daemon, answers, others, variant));
		}
	}
	return judged;
}

function configurationFor(profile: "signet" | "reference"): string {
	return `embedding:
  provider: embedded
memory:
  pipelineV2:
    enabled: false
search:
  profile: ${profile}
  top_k: 50
  min_score: 0
`;
}

/** Notes the messages that each memory holds, with their conversation: the same words said twice are one memory. */
async function rememberAll(
	daemon: RunningDaemon,
	{ name, messages }: Conversation,
	messagesOf: Map<string, string[]>,
): Promise<void> {
	for (let at = 0; at < messages.length; at += AT_ONCE) {
		const batch = messages.slice(at, at + AT_ONCE);
		const stored = await Promise.all(
			batch.map(({ id: _, saidAt, ...message }) =>
				daemon.remember({ ...message, ...(saidAt && { createdAt: saidAt }) }),
			),
		);
		for (const [place, { id }] of stored.entries()) {
			messagesOf.set(id, [...(messagesOf.get(id) ?? []), `${name} ${batch[place]?.id ?? ""}`]);
		}
	}
}

async function ask(
	daemon: RunningDaemon,
	{ text, kind, evidence, change }: Question,
	{ legs }: Variant,
	{ name, messagesOf }: { name: string; messagesOf: ReadonlyMap<string, string[]> },
): Promise<Judged> {
	const answer = await daemon.recall(text, { limit: MOST_RESULTS, ...(legs && { legs }) });
	const right = new Set(evidence.map((id) => `${name} ${id}`));
	const messages = answer.results.flatMap(({ id }) => messagesOf.get(id) ?? []);
	const place = (ids: readonly string[]) =>
		Math.min(...ids.map((id) => messages.indexOf(`${name} ${id}`)).map((at) => (at < 0 ? MOST_RESULTS : at)));
	const found = new Set<string>();
	let chars = 0;
	const fits = answer.results.map(({ id, content }) => {
		for (const message of messagesOf.get(id) ?? []) if (right.has(message)) found.add(message);
		chars += content.length;
		return { tokens: chars / CHARS_PER_TOKEN, share: found.size / right.size };
	});
	return {
		kind,
		metrics: measure(messages, right),
		confidence: answer.confidence,
		withinBudget: BUDGETS.map((budget) => fits.findLast(({ tokens }) => tokens <= budget)?.share ?? 0),
		...(change?.before.length && change.after.length && { isFresh: place(change.after) < place(change.before) }),
	};
}

/** Ask also what this home does not know; each answer goes beside one of a question that it does. */
async function withOthers(
	daemon: RunningDaemon,
	judged: readonly Judged[],
	others: readonly Question[],
	{ profile, legs }: Variant,
): Promise<Judged[]> {
	if (profile === "reference" || others.length === 0) return [...judged];
	const elsewhere: (number | undefined)[] = [];
	for (const { text } of others) {
		elsewhere.push((await daemon.recall(text, { limit: MOST_RESULTS, ...(legs && { legs }) })).confidence);
	}
	return judged.map((one, at) => ({ ...one, elsewhere: elsewhere[at % elsewhere.length] }));
}
