/** `npm run format`: format and mend what can be mended without thought. */
import { npmProgram, succeeds } from "./steps.ts";

process.exit((await succeeds([...npmProgram("biome"), "check", "--write", "."])) ? 0 : 1);
