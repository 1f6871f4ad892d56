import { invalidRequest, type Settings } from "@signet/core";
import { policySchema, type SecretPolicy } from "@signet/secrets";
import type { Context } from "hono";
import * as z from "zod/mini";
import type { AppEnv } from "../auth/guard.ts";
import { errorReference } from "../http/openapi.ts";
import type { RouteContract, Routes } from "../http/route.ts";
import { callerOf } from "./caller.ts";
import type { CommandServices } from "./command-services.ts";

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

const policiesContract = {
	method: "GET",
	path: "/api/secrets/policies",
	summary: "What secrets may be used for",
	answers: () => ({
		200: {
			description: "Policies by the names of secrets, and what holds for those that have none",
			schema: z.object({ policies: z.record(z.string(), policySchema()), use: z.string() }),
		},
		503: { description: "Policies cannot be read", schema: errorReference },
	}),
} satisfies RouteContract;

const policyAnswer = () => z.object({ success: z.boolean(), name: z.string(), policy: policySchema() });

const setContract = {
	method: "POST",
	path: "/api/secrets/:name/policy",
	summary: "Say what a secret may be used for; takes the place of what was said before",
	body: policySchema,
	answers: () => ({
		200: { description: "It holds from now on", schema: policyAnswer() },
		400: { description: "The policy or the name is not valid", schema: errorReference },
		503: { description: "Policies cannot be read", schema: errorReference },
	}),
} satisfies RouteContract;

const removeContract = {
	method: "DELETE",
	path: "/api/secrets/:name/policy",
	summary: "Let hold for a secret what holds for all that have no policy of their own",
	answers: () => ({
		200: { description: "It holds from now on", schema: policyAnswer() },
		400: { description: "The name is not valid", schema: errorReference },
		503: { description: "Policies cannot be read", schema: errorReference },
	}),
} satisfies RouteContract;

const approvalSchema = () =>
	z.object({
		id: z.string(),
		status: z.string(),
		caller: z.object({ name: z.string(), role: z.string(), isVerified: z.boolean() }),
		command: z.string(),
		secrets: z.array(z.string()),
		variables: z.array(z.string()),
		cwd: z.optional(z.string()),
		askedAt: z.string(),
		expiresAt: z.string(),
	});

const approvalsContract = {
	method: "GET",
	path: "/api/secrets/approvals",
	summary: "Uses of secrets that wait for a person, or were decided on and not made yet",
	answers: () => ({
		200: { description: "The oldest first", schema: z.object({ approvals: z.array(approvalSchema()) }) },
	}),
} satisfies RouteContract;

const decisionAnswers = () => ({
	200: { description: "It is decided, for ten minutes", schema: approvalSchema() },
	404: { description: "Nothing waits under that id", schema: errorReference },
});

const approveContract = {
	method: "POST",
	path: "/api/secrets/approvals/:id/approve",
	summary: "Allow a use, once",
	answers: decisionAnswers,
} satisfies RouteContract;

const denyContract = {
	method: "POST",
	path: "/api/secrets/approvals/:id/deny",
	summary: "Refuse a use",
	answers: decisionAnswers,
} satisfies RouteContract;

/** What secrets may be used for, and who is asked. */
export function addPolicyRoutes(
	routes: Routes,
	{ policies, approvals, audit }: CommandServices,
	settings: () => Pick<Settings, "secrets">,
): void {
	const change = async (context: Context<AppEnv>, name: string, policy: SecretPolicy | undefined) => {
		if (!NAME.test(name)) {
			throw invalidRequest(`Invalid secret name '${name}'. Use letters, digits, and underscores only.`);
		}
		audit.append({ event: "policy", caller: callerOf(context), secrets: [name], detail: policy ?? null });
		await policies.set(name, policy);
		return { success: true, name, policy: policy ?? {} };
	};
	routes.add(policiesContract, async () => ({
		policies: Object.fromEntries(await policies.all()),
		use: settings().secrets.use,
	}));
	routes.add(setContract, ({ body, param, context }) => change(context, param("name"), body));
	routes.add(removeContract, ({ param, context }) => change(context, param("name"), undefined));
	routes.add(approvalsContract, () => ({ approvals: approvals.list() }));
	const decision = (status: "approved" | "denied") => (id: string, context: Context<AppEnv>) => {
		const approval = approvals.decide(id, status);
		const { secrets, variables, command } = approval;
		audit.append({ event: status, caller: callerOf(context), secrets, variables, command, detail: { id } });
		return approval;
	};
	const approve = decision("approved");
	const deny = decision("denied");
	routes.add(approveContract, ({ param, context }) => approve(param("id"), context));
	routes.add(denyContract, ({ param, context }) => deny(param("id"), context));
}
