/** `npm test`: everything that must pass. With paths, only the tests in them. */
import { runChecks } from "./checks.ts";
import { add, finish, runTests } from "./steps.ts";

const paths = process.argv.slice(2);
finish(
	add(paths.length > 0 ? [await runTests(paths)] : [...(await runChecks()), await runTests(["packages", "tests"])]),
);
