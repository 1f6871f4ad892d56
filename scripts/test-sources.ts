/** `npm run test:sources`: the tests of whole programs against the sources, which `npm start` runs. */
import { finish, runTests } from "./steps.ts";

const PROGRAM_TESTS = ["command-line", "contract", "crash", "process", "reference-workspace", "service"];

finish(await runTests(PROGRAM_TESTS.map((name) => `tests/src/${name}.test.ts`)));
