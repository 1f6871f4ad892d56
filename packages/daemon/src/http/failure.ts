import { RequestError } from "@signet/core";
import type { Context } from "hono";
import type { Logger } from "../logs/logger.ts";

/**
 * Answer what was thrown while a request was handled. A refusal is answered as it is; anything else is a defect of
 * ours, logged with an id under which its sender can report it.
 */
export function answerFailure(error: unknown, context: Context, logger: Logger, newId: () => string): Response {
	if (error instanceof RequestError) {
		const { status, code, message, details } = error;
		return context.json({ error: message, code, ...(details !== undefined && { details }) }, status);
	}
	const requestId = newId();
	const { method, path } = context.req;
	logger.error("api", `${method} ${path} failed`, error, { requestId });
	return context.json(
		{ error: `Something went wrong here; the log has it under ${requestId}`, code: "internal_error", requestId },
		500,
	);
}
