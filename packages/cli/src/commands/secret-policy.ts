import { ExitCode } from "@signet/core";
import * as z from "zod/mini";
import { secretsAnswer } from "../answers.ts";
import { connect, type DaemonClient } from "../client.ts";
import { type CommonOptions, typed } from "../environment.ts";
import { CommandError } from "../failure.ts";
import { facts, printable, style, table } from "../terminal.ts";

export interface SecretPolicyOptions extends CommonOptions {
	readonly use?: string;
	readonly role?: readonly string[];
	readonly caller?: readonly string[];
	readonly command?: readonly string[];
	readonly host?: readonly string[];
	readonly otherwise?: string;
	readonly reset?: boolean;
}

const texts = () => z.optional(z.array(z.string()));
const policy = z.object({
	use: z.optional(z.string()),
	roles: texts(),
	callers: texts(),
	commands: texts(),
	hosts: texts(),
	otherwise: z.optional(z.string()),
});
type Policy = z.infer<typeof policy>;
const policiesAnswer = z.object({ policies: z.record(z.string(), policy), use: z.string() });
const approval = z.object({
	id: z.string(),
	status: z.string(),
	caller: z.object({ name: z.string(), role: z.string() }),
	command: z.string(),
	secrets: z.array(z.string()),
	askedAt: z.string(),
});
const approvalsAnswer = z.object({ approvals: z.array(approval) });

/**
 * `signet secret policy [NAME]`: what secrets may be used for; with options, what one may be used for from now on. What
 * they do not say stays, so that nobody takes a restriction away by adding another; with `--reset` nothing stays.
 */
export async function secretPolicy(name: string | undefined, options: SecretPolicyOptions): Promise<ExitCode> {
	const client = connect(options);
	const wanted = policyOf(options);
	if (name === undefined && (wanted || options.reset)) {
		throw new CommandError(
			"It is not said which secret",
			ExitCode.usage,
			`Try: ${typed("secret policy API_KEY --use ask")}`,
		);
	}
	const policiesNow = async () => policiesAnswer.parse(await client.get("/api/secrets/policies"));
	if (name !== undefined && wanted) {
		const before = options.reset ? {} : (await policiesNow()).policies[name];
		await client.post(pathOf(name), { ...before, ...wanted });
		await tellWhenMissing(name, client);
	} else if (name !== undefined && options.reset) await client.delete(pathOf(name), {});
	const { policies, use } = await policiesNow();
	const shown = name === undefined ? policies : { [name]: policies[name] ?? {} };
	if (options.json) console.log(JSON.stringify({ policies: shown, use }, null, 2));
	else console.log(policyLines(shown, use));
	return ExitCode.ok;
}

/** A policy may come before its secret; one for a name that is mistyped protects nothing. */
async function tellWhenMissing(name: string, client: DaemonClient): Promise<void> {
	const { secrets } = secretsAnswer.parse(await client.get("/api/secrets"));
	if (!secrets.includes(name)) console.error(style.warn(`! There is no secret ${name} yet`));
}

function pathOf(name: string): string {
	return `/api/secrets/${encodeURIComponent(name)}/policy`;
}

/** What the options say; undefined when they say nothing. */
function policyOf({ use, role, caller, command, host, otherwise }: SecretPolicyOptions): Policy | undefined {
	const wanted = {
		...(use !== undefined && { use }),
		...(role && { roles: [...role] }),
		...(caller && { callers: [...caller] }),
		...(command && { commands: [...command] }),
		...(host && { hosts: [...host] }),
		...(otherwise !== undefined && { otherwise }),
	};
	return Object.keys(wanted).length === 0 ? undefined : wanted;
}

function policyLines(policies: Readonly<Record<string, Policy>>, use: string): string {
	const others = ["all others", `${use} (secrets.use)`] as const;
	const pairs = Object.entries(policies).map(([name, each]) => [name, described(each, use)] as const);
	return facts([...pairs, others]);
}

function described({ use, roles, callers, commands, hosts, otherwise = "deny" }: Policy, defaultUse: string): string {
	const parts = [use ?? defaultUse];
	if (roles) parts.push(`to ${roles.join(", ") || "nobody"}`);
	if (callers) parts.push(`for ${callers.join(", ") || "nobody"}`);
	if (commands)
		parts.push(`commands like ${commands.map((each) => `\`${printable(each)}\``).join(", ")}, else ${otherwise}`);
	if (hosts) parts.push(`curl to ${hosts.join(", ") || "nobody"}, else ${otherwise}`);
	return parts.join("; ");
}

/** `signet secret approvals`: what waits for somebody to allow it. */
export async function secretApprovals(options: CommonOptions): Promise<ExitCode> {
	const { approvals } = approvalsAnswer.parse(await connect(options).get("/api/secrets/approvals"));
	if (options.json) console.log(JSON.stringify({ approvals }, null, 2));
	else if (approvals.length === 0) console.log("Nothing waits");
	else {
		const columns = ["id", "status", "who", "secrets"].map((title) => ({ title }));
		console.log(
			table(
				[...columns, { title: "command", isFlexible: true }],
				approvals.map(({ id, status, caller, secrets, command }) => [
					id,
					status,
					`${caller.name} (${caller.role})`,
					secrets.join(", "),
					command,
				]),
			),
		);
	}
	return ExitCode.ok;
}

/** `signet secret approve ID …` and `deny ID …`. */
export async function secretDecide(
	ids: readonly string[],
	decision: "approve" | "deny",
	options: CommonOptions,
): Promise<ExitCode> {
	const client = connect(options);
	const decided: z.infer<typeof approval>[] = [];
	for (const id of ids) {
		decided.push(approval.parse(await client.post(`/api/secrets/approvals/${encodeURIComponent(id)}/${decision}`, {})));
	}
	if (options.json) console.log(JSON.stringify({ approvals: decided }, null, 2));
	else {
		for (const { id, status, command } of decided) {
			console.log(`${style.good("✓")} ${id} ${status}: ${printable(command)}`);
		}
	}
	return ExitCode.ok;
}
