import { invalidRequest } from "@signet/core";
import * as z from "zod/mini";
import { errorReference } from "../http/openapi.ts";
import type { RouteContract, Routes } from "../http/route.ts";
import type { Logger } from "../logs/logger.ts";
import type { WorkspaceSecrets } from "./workspace-secrets.ts";

const VALUE_REQUIRED = "value is required";
const PASSPHRASE_REQUIRED = "passphrase is required";

const unusable = { description: "The vault is locked, cannot be read, or cannot be written", schema: errorReference };

const listContract = {
	method: "GET",
	path: "/api/secrets",
	summary: "The names of the secrets, the oldest first; no route tells a value",
	answers: () => ({
		200: { description: "The names", schema: z.object({ secrets: z.array(z.string()) }) },
		503: unusable,
	}),
} satisfies RouteContract;

const putContract = {
	method: "POST",
	path: "/api/secrets/:name",
	summary: "Store a secret, in place of the one that has the name",
	body: () => z.object({ value: z.string(VALUE_REQUIRED).check(z.minLength(1, VALUE_REQUIRED)) }, VALUE_REQUIRED),
	answers: () => ({
		200: { description: "It is stored", schema: z.object({ success: z.literal(true), name: z.string() }) },
		400: { description: "No secret can be called so, or there is no value", schema: errorReference },
		503: unusable,
	}),
} satisfies RouteContract;

const deleteContract = {
	method: "DELETE",
	path: "/api/secrets/:name",
	summary: "Remove a secret",
	answers: () => ({
		200: { description: "It is gone", schema: z.object({ success: z.literal(true), name: z.string() }) },
		400: { description: "No secret can be called so", schema: errorReference },
		404: { description: "There is no such secret", schema: errorReference },
		503: unusable,
	}),
} satisfies RouteContract;

const unlockContract = {
	method: "POST",
	path: "/api/secret-store/unlock",
	summary: "Open a vault that is sealed by a passphrase, until the daemon ends",
	body: () =>
		z.object(
			{ passphrase: z.string(PASSPHRASE_REQUIRED).check(z.minLength(1, PASSPHRASE_REQUIRED), z.maxLength(1_000)) },
			PASSPHRASE_REQUIRED,
		),
	answers: () => ({
		200: { description: "It is open", schema: z.object({ success: z.literal(true) }) },
		403: { description: "That is not the passphrase", schema: errorReference },
		409: { description: "No passphrase is wanted", schema: errorReference },
		429: { description: "Another one is being tried", schema: errorReference },
	}),
} satisfies RouteContract;

/** Storing and removing secrets. Routes of this path that do something else with them are to be added before these. */
export function addSecretRoutes(
	routes: Routes,
	{ secrets, logger }: { readonly secrets: WorkspaceSecrets; readonly logger: Logger },
): void {
	const done = (what: string, name: string) => {
		logger.info("secrets", what, { name });
		return { success: true, name };
	};
	/** Do something; a failure is logged as it is answered. */
	const attempt = async <T>(what: string, name: string | undefined, work: () => Promise<T>): Promise<T> => {
		try {
			return await work();
		} catch (error) {
			logger.error("secrets", `${what} failed`, error, name === undefined ? undefined : { name });
			throw error;
		}
	};
	routes.add(listContract, () =>
		attempt("listing", undefined, async () => ({ secrets: await (await secrets.store()).list() })),
	);
	routes.add(putContract, ({ body: { value }, param }) => {
		const name = param("name");
		return attempt("storing", name, async () => {
			if (name === "exec") throw invalidRequest("No secret can be stored as 'exec': that is where commands are run");
			await (await secrets.store()).put(name, value);
			return done("stored", name);
		});
	});
	routes.add(deleteContract, ({ param }) => {
		const name = param("name");
		return attempt("removing", name, async () => {
			await (await secrets.store()).delete(name);
			return done("deleted", name);
		});
	});
	routes.add(unlockContract, ({ body: { passphrase } }) =>
		attempt("unlocking", undefined, async () => {
			await (await secrets.store()).unlock(passphrase);
			logger.info("secrets", "unlocked");
			await secrets.check();
			return { success: true };
		}),
	);
}
