import { RunningDaemon } from "../running-daemon.ts";
import type { Conversation } from "./conversation.ts";
import { CUTS, type Metrics, measure } from "./metrics.ts";

const MOST_RESULTS = Math.max(...CUTS);
const AT_ONCE = 16;

export interface Variant {
	readonly profile: "signet" | "reference";
	readonly legs: "words" | "vectors" | undefined;
}

export const VARIANTS: readonly Variant[] = (["signet", "reference"] as const).flatMap((profile) =>
	(["words", "vectors", undefined] as const).map((legs) => ({ profile, legs })),
);

/** How one question was answered by one variant. */
export interface Judged {
	readonly kind: string;
	readonly metrics: Metrics;
}

/**
 * Remember a conversation in a home of its own, as a client would, and ask its questions in every variant. Candidates
 * are not limited further than the ranking limits them.
 */
export async function judge(program: readonly string[], conversation: Conversation): Promise<Map<Variant, Judged[]>> {
	const judged = new Map<Variant, Judged[]>();
	await using daemon = await RunningDaemon.start(program, { configuration: configurationFor("signet") });
	const messagesOf = await rememberAll(daemon, conversation);
	for (const profile of ["signet", "reference"] as const) {
		await Bun.write(`${daemon.root}/agent.yaml`, configurationFor(profile));
		for (const variant of VARIANTS.filter((each) => each.profile === profile)) {
			judged.set(variant, await askAll(daemon, conversation, variant, messagesOf));
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

/** The messages that each memory holds: the same words said twice are one memory. */
async function rememberAll(daemon: RunningDaemon, { messages }: Conversation): Promise<Map<string, string[]>> {
	const messagesOf = new Map<string, string[]>();
	for (let at = 0; at < messages.length; at += AT_ONCE) {
		const batch = messages.slice(at, at + AT_ONCE);
		const stored = await Promise.all(
			batch.map(({ content, who, saidAt }) => daemon.remember({ content, who, ...(saidAt && { createdAt: saidAt }) })),
		);
		for (const [place, { id }] of stored.entries()) {
			messagesOf.set(id, [...(messagesOf.get(id) ?? []), batch[place]?.id ?? ""]);
		}
	}
	return messagesOf;
}

async function askAll(
	daemon: RunningDaemon,
	{ questions }: Conversation,
	{ legs }: Variant,
	messagesOf: ReadonlyMap<string, string[]>,
): Promise<Judged[]> {
	const judged: Judged[] = [];
	for (const { text, kind, evidence } of questions) {
		const results = await daemon.recall(text, { limit: MOST_RESULTS, ...(legs && { legs }) });
		const messages = results.flatMap((id) => messagesOf.get(id) ?? []);
		judged.push({ kind, metrics: measure(messages, new Set(evidence)) });
	}
	return judged;
}
