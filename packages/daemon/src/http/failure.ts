import { RequestError, type World } from "@signet/core";
import type { Context } from "hono";
import { Refusal } from "../auth/refusal.ts";
import type { Logger } from "../logs/logger.ts";

export interface FailureOptions {
	readonly logger: Logger;
	readonly random: World["random"];
}

/**
 * Answer what was thrown while a request was handled. A refusal is answered as it is; anything else is a defect of
 * ours, logged with an id under which its sender can report it.
 */
export function answerFailure(error: unknown, context: Context, { logger, random }: FailureOptions): Response {
	if (error instanceof RequestError) {
		const { status, code, message, details } = error;
		// What the machine cannot do concerns its owner, not only who asked.
		if (error.cause !== undefined) logger.error("api", message, error.cause, { code });
		// Of a body that is not waited for the rest is not wanted, and the connection that it comes by is freed.
		if (status === 408 || code === "busy") context.header("connection", "close");
		if (status === 503) context.header("retry-after", "1");
		const { headers, body } = error instanceof Refusal ? error.more : {};
		const said = { error: message, code, ...(details !== undefined && { details }), ...body };
		return context.json(said, status, headers);
	}
	const requestId = random.uuid();
	const { method, path } = context.req;
	logger.error("api", `${method} ${path} failed`, error, { requestId });
	return context.json(
		{ error: `Something went wrong here; the log has it under ${requestId}`, code: "internal_error", requestId },
		500,
	);
}
