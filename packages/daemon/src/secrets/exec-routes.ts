import type { CommandRequest, CommandResult } from "@signet/secrets";
import type { Context } from "hono";
import * as z from "zod/mini";
import type { AppEnv } from "../auth/guard.ts";
import { errorReference } from "../http/openapi.ts";
import type { RouteContract, Routes } from "../http/route.ts";
import type { Logger } from "../logs/logger.ts";
import { callerOf } from "./caller.ts";
import type { CommandServices } from "./command-services.ts";
import { commandRequest, execBody } from "./exec-fields.ts";

const resultSchema = () =>
	z.object({
		stdout: z.string().check(z.describe("what it printed, with [REDACTED] in the place of values")),
		stderr: z.string(),
		code: z.number().check(z.describe("its exit code; 1 when a signal has ended it")),
		signal: z.optional(z.string()),
		truncated: z.optional(z.boolean()).check(z.describe("an output was longer than 1 MiB")),
		timedOut: z.optional(z.boolean()).check(z.describe("it took too long and was ended")),
		warnings: z.optional(z.array(z.string())),
	});

const answers = () => ({
	200: { description: "It was run, however it has ended", schema: resultSchema() },
	400: { description: "The body is not valid", schema: errorReference },
	403: { description: "It is not allowed, or a person has to allow it first", schema: errorReference },
	429: { description: "Too many commands are being run", schema: errorReference },
	500: { description: "A secret is not there, or the command cannot be started", schema: errorReference },
	503: { description: "Policies cannot be read, or the use cannot be recorded", schema: errorReference },
});

const execContract = {
	method: "POST",
	path: "/api/secrets/exec",
	summary: "Run a command with the values of secrets in its environment",
	body: execBody,
	answers,
} satisfies RouteContract;

const execOneContract = {
	method: "POST",
	path: "/api/secrets/:name/exec",
	summary: "Run a command with the value of a secret in the variable of its name, or with those that are named",
	body: execBody,
	answers,
} satisfies RouteContract;

/** Running commands with secrets. Before the routes that take any name in the place of `exec`. */
export function addExecRoutes(routes: Routes, { runner }: CommandServices, logger: Logger): void {
	const run = async (request: CommandRequest, context: Context<AppEnv>, about: object): Promise<CommandResult> => {
		// It may be quiet for as long as it may run; whoever leaves ends it.
		try {
			const result = await runner.run(request, callerOf(context), context.req.raw.signal);
			logger.info("secrets", "a command was run", { ...about, code: result.code });
			return result;
		} catch (error) {
			logger.error("secrets", "a command was not run", error, { ...about });
			throw error;
		}
	};
	routes.add(execContract, ({ body, context }) => {
		const request = commandRequest(body);
		return run(request, context, { secretCount: request.secrets.size });
	});
	routes.add(execOneContract, ({ body, param, context }) => {
		const name = param("name");
		return run(commandRequest(body, new Map([[name, name]])), context, { name });
	});
}
