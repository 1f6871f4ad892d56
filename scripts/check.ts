/** `npm run check`. */
import { runChecks } from "./checks.ts";
import { add, finish } from "./steps.ts";

finish(add(await runChecks()));
