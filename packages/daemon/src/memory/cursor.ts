import type { ListPosition } from "@signet/db";
import * as z from "zod/mini";
import type { Schema } from "../http/route.ts";

const MAX_CHARS = 8_000;

const positionSchema = () => z.tuple([z.int(), z.string()]);

/** A position in a list as clients keep it: they are not to make sense of it. */
export function formatCursor({ createdMs, id }: ListPosition): string {
	return Buffer.from(JSON.stringify([createdMs, id])).toString("base64url");
}

/** A cursor that `formatCursor` made. */
export function optionalCursor(name: string): Schema<ListPosition | undefined> {
	return z.pipe(
		z.nullish(z.string()),
		z.transform((value, context) => {
			if (value === null || value === undefined) return undefined;
			const position = parseCursor(value);
			if (position) return position;
			const message = `${name} must be the nextCursor of the page before`;
			context.issues.push({ code: "custom", message, input: value });
			return z.NEVER;
		}),
	);
}

function parseCursor(text: string): ListPosition | undefined {
	if (text.length > MAX_CHARS) return undefined;
	try {
		const [createdMs, id] = positionSchema().parse(JSON.parse(Buffer.from(text, "base64url").toString()));
		const position = { createdMs, id };
		// Decoding passes over what does not belong there.
		return formatCursor(position) === text ? position : undefined;
	} catch {
		return undefined;
	}
}
