import type { TextGuard } from "@signet/core";
import * as z from "zod/mini";
import { errorReference } from "../http/openapi.ts";
import type { RouteContract, Routes } from "../http/route.ts";

const MAX_TEXTS = 1_000;

const cleanContract = {
	method: "POST",
	path: "/api/secrets/guard/clean",
	summary:
		"Texts with the names of secrets in the place of their values, for programs that put texts where others read them",
	body: () =>
		z.object(
			{
				texts: z
					.array(z.string("texts must be a list of texts"), "texts must be a list of texts")
					.check(z.maxLength(MAX_TEXTS, `at most ${MAX_TEXTS} texts are cleaned at once`)),
			},
			"the body must be a JSON object",
		),
	answers: () => ({
		200: {
			description: "The texts in their order, and the names of the secrets that were in them",
			schema: z.object({ texts: z.array(z.string()), found: z.array(z.string()) }),
		},
		400: { description: "The body is not valid", schema: errorReference },
	}),
} satisfies RouteContract;

/** Keeping secrets out of texts of others. */
export function addGuardRoutes(routes: Routes, { guard }: { readonly guard: TextGuard }): void {
	routes.add(cleanContract, async ({ body }) => {
		const cleaner = await guard.ready();
		const cleaned = body.texts.map((text) => cleaner.clean(text));
		const found = new Set(cleaned.flatMap((each) => each.found));
		return { texts: cleaned.map(({ text }) => text), found: [...found] };
	});
}
