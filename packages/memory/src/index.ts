export type { Actor } from "./actor.ts";
export { browseMemories, readMemory } from "./browse.ts";
export type { RememberRequest } from "./draft.ts";
export { type RememberContext, type Remembered, type RememberedInChunks, remember } from "./remember.ts";
